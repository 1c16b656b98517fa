"""A server by the first way that works here: a container, or our own recipe."""

import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.containers import engine, neo4j_container, postgres_container
from aegis_pipeline_tests.servers.neo4j_recipe import neo4j_recipe
from aegis_pipeline_tests.servers.postgres_recipe import postgres_recipe, server_user
from aegis_pipeline_tests.servers.process import (
    Address,
    Recipe,
    ServerProcess,
    ServerUnavailable,
    free_port,
    temporary_home,
)

Way = Callable[[], Recipe[Address]]


def own_neo4j_recipe() -> Recipe[Neo4jServer]:
    """Neo4j by our recipe, in a temporary home."""
    return at_home("neo4j", None, lambda home: neo4j_recipe(home, new_password(), free_port()))


def own_postgres_recipe() -> Recipe[PostgresServer]:
    """PostgreSQL by our recipe, in a temporary home."""
    return at_home("postgres", server_user(), lambda home: postgres_recipe(home, new_password(), free_port()))


def at_home(name: str, user: str | None, make: Callable[[Path], Recipe[Address]]) -> Recipe[Address]:
    """The recipe that ``make`` gives for a new temporary home, which goes where there is none."""
    home = temporary_home(name, user)
    try:
        return make(home)
    except ServerUnavailable:
        shutil.rmtree(home)
        raise


def neo4j_ways() -> Iterable[Way[Neo4jServer]]:
    """How a Neo4j server can be had here, the best first."""
    if found := engine():
        yield lambda: neo4j_container(found, temporary_home("neo4j"), new_password(), free_port())
    yield own_neo4j_recipe


def postgres_ways() -> Iterable[Way[PostgresServer]]:
    """How a PostgreSQL server can be had here, the best first."""
    if found := engine():
        yield lambda: postgres_container(found, temporary_home("postgres"), new_password(), free_port())
    yield own_postgres_recipe


def launch(ways: Iterable[Way[Address]], owner: int | None = None) -> ServerProcess[Address]:
    """A running server, by the first of ``ways`` that works. It ends with the process ``owner``, or else with this one.

    Raises:
        ServerUnavailable: none works; with the reason of each.
    """
    reasons = []
    for way in ways:
        try:
            server = ServerProcess(way(), owner)
            server.start()
        except ServerUnavailable as error:
            reasons.append(str(error))
        else:
            return server
    raise ServerUnavailable("; ".join(reasons))


def new_password() -> str:
    """A password that nobody knows."""
    return secrets.token_urlsafe(16)
