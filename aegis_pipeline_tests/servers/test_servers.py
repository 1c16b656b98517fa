"""Servers of our own: they start, keep their data over a kill, and never outlive who wanted them."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import neo4j
import pytest

from aegis_pipeline_tests.servers import containers
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.launch import at_home, launch, neo4j_ways, new_password, postgres_ways
from aegis_pipeline_tests.servers.neo4j_recipe import neo4j_recipe
from aegis_pipeline_tests.servers.process import (
    Recipe,
    ServerProcess,
    ServerUnavailable,
    free_port,
    is_free,
    temporary_home,
)

REPOSITORY = Path(__file__).resolve().parents[2]
LISTENER = "import http.server, sys; print('ready', flush=True); http.server.test(port=int(sys.argv[1]))"


def recipe(port: int, script: str = LISTENER, **changes: object) -> Recipe[int]:
    """A small server that stands for the large ones."""
    command = (sys.executable, "-c", script, str(port))
    return Recipe(port, temporary_home("test"), command, "(?m)^ready$", **changes)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes true in the time that a loaded machine may need."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


async def rows(address: PostgresServer) -> list[int]:
    """What the table of these tests holds, made where it is not there."""
    connection = await asyncpg.connect(
        host=address.host, port=address.port, user=address.user, password=address.password, database=address.database
    )
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        await connection.execute("INSERT INTO kept SELECT count(*) FROM kept")
        return [row["id"] for row in await connection.fetch("SELECT id FROM kept ORDER BY id")]
    finally:
        await connection.close()


def nodes(address: Neo4jServer) -> int:
    """How many nodes there are, after one more was made."""
    with neo4j.GraphDatabase.driver(
        address.uri, auth=(address.username, address.password), max_transaction_retry_time=0
    ) as driver:
        driver.execute_query("CREATE (:Kept)", database_=address.database)
        records, _, _ = driver.execute_query("MATCH (n:Kept) RETURN count(n) AS nodes", database_=address.database)
        return int(records[0]["nodes"])


def make_user(address: Neo4jServer, name: str) -> None:
    """Somebody who must choose another password: the server's next start must not take that for its own."""
    with neo4j.GraphDatabase.driver(address.uri, auth=(address.username, address.password)) as driver:
        driver.execute_query("CREATE USER $name SET PASSWORD 'temporary'", name=name, database_="system")


@pytest.mark.postgres
@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_postgres_keeps_its_data(end: str, own_postgres: ServerProcess[PostgresServer]) -> None:
    """And whatever the test before has done to it, it runs."""
    before = await rows(own_postgres.address)
    getattr(own_postgres, end)()
    assert not own_postgres.running
    with pytest.raises(OSError, match="Connect call failed"):
        await rows(own_postgres.address)
    own_postgres.start()
    assert await rows(own_postgres.address) == [*before, len(before)]
    own_postgres.kill()


@pytest.mark.neo4j
@pytest.mark.slow
def test_neo4j_keeps_its_data_over_a_kill(own_neo4j: ServerProcess[Neo4jServer]) -> None:
    assert nodes(own_neo4j.address) == 1
    make_user(own_neo4j.address, "ann")
    own_neo4j.kill()
    with pytest.raises(neo4j.exceptions.ServiceUnavailable):
        nodes(own_neo4j.address)
    own_neo4j.start()
    assert nodes(own_neo4j.address) == 2


@pytest.mark.neo4j
@pytest.mark.slow
def test_neo4j_on_a_port_in_use_ends_and_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerUnavailable, match="Address already in use"):
            launch([lambda: at_home("neo4j", None, lambda home: neo4j_recipe(home, new_password(), port))])


@pytest.mark.neo4j
@pytest.mark.postgres
async def test_the_shared_servers_answer(neo4j_server: Neo4jServer, postgres_server: PostgresServer) -> None:
    assert nodes(neo4j_server)
    assert await rows(postgres_server)


@pytest.mark.parametrize("kept", [False, True])
def test_a_server_ends_with_who_wanted_it(kept: bool) -> None:
    """And so does its home, unless it is kept."""
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = ServerProcess(recipe(free_port(), kept=kept), owner.pid)
    server.start()
    owner.communicate()
    ended = eventually(lambda: not server.running)
    removed = not server.recipe.home.exists()
    server.close()
    shutil.rmtree(server.recipe.home, ignore_errors=True)
    assert ended
    assert removed is not kept


def test_ctrl_c_is_for_the_tests_alone() -> None:
    server = ServerProcess(recipe(free_port()))
    server.start()
    session = os.getsid(int((server.recipe.home / "server.pid").read_text()))
    server.close()
    assert session != os.getsid(0)


def test_a_kept_home_stays() -> None:
    server = ServerProcess(recipe(free_port(), kept=True))
    server.start()
    server.close()
    assert server.recipe.home.is_dir()
    shutil.rmtree(server.recipe.home)


def test_what_does_not_come_up_shows_its_last_words() -> None:
    server = ServerProcess(recipe(0, "raise SystemExit('no memory for this')"))
    with pytest.raises(ServerUnavailable, match="no memory for this"):
        server.start()
    assert not server.recipe.home.exists()


def test_no_home_is_left_where_there_is_no_recipe() -> None:
    homes: list[Path] = []

    def missing(home: Path) -> Recipe[int]:
        homes.append(home)
        raise ServerUnavailable("install something")

    with pytest.raises(ServerUnavailable, match="install something"):
        at_home("test", None, missing)
    assert not homes[0].exists()


def test_the_first_way_that_works_is_taken() -> None:
    def missing() -> Recipe[int]:
        raise ServerUnavailable("install something")

    port = free_port()
    server = launch([missing, lambda: recipe(port)])
    assert server.address == port
    server.close()
    with pytest.raises(ServerUnavailable, match="install something; install something"):
        launch([missing, missing])


def test_an_address_comes_from_the_environment_and_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Neo4jServer("bolt://graph:7687", "ann", "secret", "people")
    table = PostgresServer("tables", 5433, "ann", "secret", "people")
    for name, value in {**graph.environment(), **table.environment()}.items():
        monkeypatch.setenv(name, value)
    assert Neo4jServer.from_environment() == graph
    assert PostgresServer.from_environment() == table
    assert "secret" not in repr((graph, table))


def stub_engine(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container engine's client that does what ``script`` says, and no other on the path."""
    client = folder / "docker"
    client.write_text(f"#!/bin/sh\n{script}\n")
    client.chmod(client.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_client_without_its_engine_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub_engine(tmp_path, "echo Cannot connect to the daemon >&2; exit 1", monkeypatch)
    assert containers.engine() is None
    assert len(list(neo4j_ways())) == 1


def test_where_an_engine_answers_containers_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub takes the place of the image too: it prints what PostgreSQL's says, and waits for the signal."""
    script = (
        'test "$1" = info && exit; echo "$@" > "$(dirname "$0")/arguments"; echo "$POSTGRES_PASSWORD" > "$0.password"; '
        "echo init process complete; echo database system is ready to accept connections; exec sleep 60"
    )
    stub_engine(tmp_path, script, monkeypatch)
    server = launch(postgres_ways())
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.startswith("run --rm --name aegis-postgres-")
    assert f"-p 127.0.0.1:{server.address.port}:5432 -e POSTGRES_PASSWORD pgvector/pgvector:pg16" in arguments
    assert server.address.password not in arguments
    assert (tmp_path / "docker.password").read_text().strip() == server.address.password
    server.close()
    assert not server.running


def test_the_compose_file_has_the_same_images() -> None:
    text = (REPOSITORY / "deploy" / "servers.yml").read_text(encoding="utf-8")
    assert f"image: {containers.NEO4J_IMAGE}" in text
    assert f"image: {containers.POSTGRES_IMAGE}" in text


@pytest.mark.postgres
def test_all_workers_share_one_server(tmp_path: Path) -> None:
    """A run of its own, with two workers and a server that ends with it."""
    tests = tmp_path / "test_two.py"
    tests.write_text(
        "import pathlib, pytest, os\n"
        "@pytest.mark.parametrize('n', range(4))\n"
        "def test_note(n, postgres_server):\n"
        f"    pathlib.Path({str(tmp_path)!r}, f'note{{n}}').write_text(\n"
        "        f\"{os.environ['PYTEST_XDIST_WORKER']} {postgres_server.port}\")\n"
    )
    options = ["-q", "-n", "2", "-p", "no:randomly", "-p", "aegis_pipeline_tests.servers.fixtures"]
    command = [sys.executable, "-m", "pytest", *options, str(tests)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "POSTGRES"))}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120)
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    notes = [path.read_text().split() for path in tmp_path.glob("note*")]
    assert {worker for worker, _ in notes} == {"gw0", "gw1"}
    (port,) = {int(port) for _, port in notes}
    assert eventually(lambda: is_free(port))


def test_signals_are_those_of_the_servers() -> None:
    stopped = ServerProcess(recipe(free_port(), stop_signal=signal.SIGINT))
    stopped.start()
    stopped.stop()
    assert "Keyboard interrupt" in (stopped.recipe.home / "server.log").read_text()
    stopped.close()
