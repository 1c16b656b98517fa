"""The servers as containers, where a container engine answers: started and stopped like any other process."""

import shutil
import signal
import subprocess
from pathlib import Path

from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.process import Recipe

NEO4J_IMAGE = "neo4j:5.26"
POSTGRES_IMAGE = "pgvector/pgvector:pg16"
_ENGINES = ("docker", "podman")
_ANSWER_SECONDS = 10


def engine() -> str | None:
    """The container engine that answers, or none: a client without its daemon does not count."""
    return next((name for name in _ENGINES if shutil.which(name) and _succeeds(name, "info")), None)


def composes(engine: str) -> bool:
    """Whether ``engine`` knows compose files."""
    return _succeeds(engine, "compose", "version")


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def neo4j_container(engine: str, home: Path, password: str, port: int) -> Recipe[Neo4jServer]:
    """Neo4j in a container, whose data go with it. Its Bolt port is open when it says so."""
    return Recipe(
        address=Neo4jServer(f"bolt://127.0.0.1:{port}", "neo4j", password, owned=True),
        home=home,
        command=_run(engine, home, f"{port}:7687", "NEO4J_AUTH", NEO4J_IMAGE),
        ready=r"Bolt enabled on.*Started\.",
        environment={"NEO4J_AUTH": f"neo4j/{password}"},
    )


def postgres_container(engine: str, home: Path, password: str, port: int) -> Recipe[PostgresServer]:
    """PostgreSQL in a container, whose data go with it. A new home is made by a first server, which does not count."""
    return Recipe(
        address=PostgresServer("127.0.0.1", port, "postgres", password, owned=True),
        home=home,
        command=_run(engine, home, f"{port}:5432", "POSTGRES_PASSWORD", POSTGRES_IMAGE),
        ready="init process complete.*database system is ready to accept connections",
        environment={"POSTGRES_PASSWORD": password},
        stop_signal=signal.SIGINT,
    )


def _run(engine: str, home: Path, ports: str, secret: str, image: str) -> tuple[str, ...]:
    """The engine's client passes signals on. It takes the secret from its environment: a command line can be read."""
    return (engine, "run", "--rm", "--name", home.name, "-p", f"127.0.0.1:{ports}", "-e", secret, image)
