"""Graphs on the tests' servers, and what is in them by the drivers alone."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from neo4j import AsyncGraphDatabase
from pydantic import SecretStr

from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore
from aegis_pipeline.graph.postgres.database import connected
from aegis_pipeline.graph.served import ServerGraphStore
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.worlds import ENCODER, plain
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer


def settings_of(workspace: str, neo4j: Neo4jServer | None, postgres: PostgresServer | None, **own: Any) -> Settings:
    """Everything on the servers that are given, the rest in files."""
    given: dict[str, Any] = {"aegis_workspace": workspace, "graph_storage": "files"}
    given |= dict.fromkeys(("vector_storage", "kv_storage", "doc_status_storage"), "files")
    if neo4j:
        given |= {name.lower(): value for name, value in neo4j.environment().items()} | {"graph_storage": "neo4j"}
    if postgres:
        given |= {name.lower(): value for name, value in postgres.environment().items()}
        given |= dict.fromkeys(("vector_storage", "kv_storage", "doc_status_storage"), "postgres")
    return Settings(**(given | own))


@contextmanager
def served(configured: Settings, folder: Path) -> Iterator[ServerGraphStore]:
    """A store, closed at the end."""
    with closing(ServerGraphStore(configured, folder / "graph", ENCODER)) as store:
        yield store


def embedded_graph(folder: Path, *batches: BatchContribution) -> Any:
    """The same batches in files, but for times."""
    with closing(EmbeddedGraphStore(folder, ENCODER, 10)) as store:
        for contribution in batches:
            store.write(contribution)
        return plain(store.graph())


async def run_cypher(configured: Settings, query: str, **values: Any) -> list[dict[str, Any]]:
    """A statement behind the store's back."""
    password = configured.neo4j_password or SecretStr("")
    auth = (configured.neo4j_username, password.get_secret_value())
    async with AsyncGraphDatabase.driver(configured.neo4j_uri, auth=auth) as driver:
        records, _, _ = await driver.execute_query(query, values, database_=configured.neo4j_database)
    return [record.data() for record in records]


async def run_sql(configured: Settings, query: str, *values: Any) -> list[asyncpg.Record]:
    """A statement behind the store's back."""
    async with connected(configured) as connection:
        return list(await connection.fetch(query, *values))
