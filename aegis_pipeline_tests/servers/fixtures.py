"""Real servers for tests: one Neo4j and one PostgreSQL for a whole run, and others that a test may kill.

``neo4j_server`` and ``postgres_server`` are those that the environment names (``NEO4J_URI``, ``POSTGRES_HOST``), else
containers, else started by our recipes; a test that cannot have one is skipped with the reason. All workers of a run
share them: keep to the workspace that ``workspace`` gives. ``own_neo4j`` and ``own_postgres`` are a module's own.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.launch import (
    Way,
    launch,
    neo4j_ways,
    own_neo4j_recipe,
    own_postgres_recipe,
    postgres_ways,
)
from aegis_pipeline_tests.servers.process import Address, ServerProcess, ServerUnavailable


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Neo4jServer:
    """The Neo4j server of this run."""
    given = Neo4jServer.from_environment()
    return given or Neo4jServer(**_shared("neo4j", tmp_path_factory, neo4j_ways))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    """The PostgreSQL server of this run."""
    given = PostgresServer.from_environment()
    return given or PostgresServer(**_shared("postgres", tmp_path_factory, postgres_ways))


@pytest.fixture
def workspace() -> str:
    """A workspace that no other test uses."""
    return f"test_{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def _modules_neo4j() -> Iterator[ServerProcess[Neo4jServer]]:
    yield from _own(own_neo4j_recipe)


@pytest.fixture(scope="module")
def _modules_postgres() -> Iterator[ServerProcess[PostgresServer]]:
    yield from _own(own_postgres_recipe)


@pytest.fixture
def own_neo4j(_modules_neo4j: ServerProcess[Neo4jServer]) -> ServerProcess[Neo4jServer]:
    """A running Neo4j that only this module uses, and that may be stopped, killed and filled."""
    return _running(_modules_neo4j)


@pytest.fixture
def own_postgres(_modules_postgres: ServerProcess[PostgresServer]) -> ServerProcess[PostgresServer]:
    """A running PostgreSQL that only this module uses, and that may be stopped, killed and filled."""
    return _running(_modules_postgres)


def _shared(name: str, factory: pytest.TempPathFactory, ways: Callable[[], Iterable[Way[Address]]]) -> dict[str, Any]:
    """The address of the server that the first worker of this run starts, or the reason why it could not.

    It lives as long as the run's first process, which is the parent of each worker.
    """
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = factory.getbasetemp().parent if in_worker else factory.getbasetemp()
    note = folder / f"{name}-server.json"
    with FileLock(note.with_suffix(".lock")):
        if not note.exists():
            _start(note, ways(), os.getppid() if in_worker else os.getpid())
    found: dict[str, Any] = json.loads(note.read_text())
    if "reason" in found:
        pytest.skip(found["reason"])
    return found


def _start(note: Path, ways: Iterable[Way[Address]], owner: int) -> None:
    try:
        server = launch(ways, owner)
        server.release()
        found = asdict(server.address)  # type: ignore[call-overload]
    except ServerUnavailable as error:
        found = {"reason": str(error)}
    note.write_text(json.dumps(found))


def _own(way: Way[Address]) -> Iterator[ServerProcess[Address]]:
    try:
        server = launch([way])
    except ServerUnavailable as error:
        pytest.skip(str(error))
    yield server
    server.close()


def _running(server: ServerProcess[Address]) -> ServerProcess[Address]:
    if not server.running:
        server.start()
    return server
