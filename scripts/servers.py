"""Neo4j and PostgreSQL for a first try of the production profile: ``make servers``, until ctrl-c.

As containers where an engine answers, else by the recipes that the tests use. Data, and passwords of their own, stay in
a folder that git ignores, so that the next start finds them again.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.containers import composes, engine
from aegis_pipeline_tests.servers.launch import new_password
from aegis_pipeline_tests.servers.neo4j_recipe import neo4j_recipe
from aegis_pipeline_tests.servers.postgres_recipe import postgres_recipe, server_user
from aegis_pipeline_tests.servers.process import ServerProcess, ServerUnavailable, free_port, give_to, is_free

REPOSITORY = Path(__file__).resolve().parents[1]
COMPOSE_FILE = REPOSITORY / "deploy" / "servers.yml"
NEO4J_PORT, POSTGRES_PORT = 7687, 5432  # where the settings look for them by default
READY = """
Neo4j and PostgreSQL run until ctrl-c. In another terminal:

    set -a; . {file}; set +a
    .venv/bin/aegis doctor
    .venv/bin/aegis run FOLDER
"""


class Servers(NamedTuple):
    """Where both servers are."""

    neo4j: Neo4jServer
    postgres: PostgresServer

    @property
    def ports(self) -> tuple[int, int]:
        """The ports of Bolt and of PostgreSQL."""
        return int(self.neo4j.uri.rpartition(":")[2]), self.postgres.port

    def environment(self) -> dict[str, str]:
        """The settings of the production profile on these servers."""
        return {"AEGIS_PROFILE": "production", **self.neo4j.environment(), **self.postgres.environment()}


def servers_in(home: Path) -> Servers:
    """The servers of the last time, or new ones, on the usual ports where these are free."""
    file = home / "servers.env"
    if file.exists():
        given = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        neo4j, postgres = Neo4jServer.from_environment(given), PostgresServer.from_environment(given)
        if neo4j and postgres:
            return Servers(neo4j, postgres)
    bolt, port = (usual if is_free(usual) else free_port() for usual in (NEO4J_PORT, POSTGRES_PORT))
    neo4j = Neo4jServer(f"bolt://127.0.0.1:{bolt}", "neo4j", new_password())
    return Servers(neo4j, PostgresServer("127.0.0.1", port, "postgres", new_password()))


def note(home: Path, servers: Servers) -> Path:
    """Write the settings to a file that only its owner may read."""
    file = home / "servers.env"
    home.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in servers.environment().items()), encoding="utf-8")
    return file


@contextmanager
def in_containers(client: str, servers: Servers) -> Iterator[Callable[[], bool]]:
    """Both in containers, with what says whether they run; the engine keeps their data in volumes."""
    bolt, port = servers.ports
    environment = {**os.environ, **servers.environment(), "NEO4J_PORT": str(bolt), "POSTGRES_PORT": str(port)}

    def compose(*command: str) -> None:
        subprocess.run([client, "compose", "-f", str(COMPOSE_FILE), *command], env=environment, check=True)

    try:
        compose("up", "--wait")
    except subprocess.CalledProcessError as error:
        raise ServerUnavailable(f"{client} compose ended with {error.returncode}; or add --no-containers") from None
    try:
        yield lambda: True
    finally:
        compose("stop")


@contextmanager
def by_recipes(home: Path, servers: Servers) -> Iterator[Callable[[], bool]]:
    """Both as processes of this one, with what says whether they run; their data lie in ``home``."""
    bolt, port = servers.ports
    for folder in (home / "neo4j", home / "postgres"):
        folder.mkdir(parents=True, exist_ok=True)
    give_to(home / "postgres", server_user())
    rows = ServerProcess(postgres_recipe(home / "postgres", servers.postgres.password, port, (), kept=True))
    graph = ServerProcess(neo4j_recipe(home / "neo4j", servers.neo4j.password, bolt, ("-Xmx1g",), kept=True))
    try:
        rows.start()
        graph.start()
        yield lambda: rows.running and graph.running
    finally:
        graph.close()
        rows.close()


def main(home: Path, *, containers: bool) -> None:
    """Start both servers, say how to use them, and stop them at the end."""
    servers = servers_in(home)
    if taken := [port for port in servers.ports if not is_free(port)]:
        raise ServerUnavailable(
            f"Port {taken[0]} is in use: do they run already? They are those of {home}/servers.env."
        )
    file = note(home, servers)
    client = engine() if containers else None
    running = in_containers(client, servers) if client and composes(client) else by_recipes(home, servers)
    with suppress(KeyboardInterrupt), running as both_run:
        print(READY.format(file=file), flush=True)
        while both_run():
            time.sleep(1)
        raise ServerUnavailable(f"A server ended; see server.log in {home}/neo4j and {home}/postgres.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=REPOSITORY / ".aegis-servers", help="folder of data and passwords")
    parser.add_argument("--no-containers", action="store_true", help="by recipes even where a container engine answers")
    arguments = parser.parse_args()
    try:
        main(arguments.home.absolute(), containers=not arguments.no_containers)
    except ServerUnavailable as error:
        sys.exit(f"Error: {error}")
