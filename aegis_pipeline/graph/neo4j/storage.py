"""LightRAG's Neo4j storage on a server that is named by our settings, with a uniqueness constraint."""

import time
from collections.abc import Mapping
from typing import Any

from lightrag.kg.neo4j_impl import Neo4JStorage
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, unit_of_work
from neo4j.exceptions import ClientError

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.neo4j.bulk import quoted, write_graph
from aegis_pipeline.graph.rows import Rows
from aegis_pipeline.graph.store import GraphCounts
from aegis_pipeline.graph.typed.auditing import stored_typed_rows
from aegis_pipeline.graph.typed.reading import typed_difference
from aegis_pipeline.graph.typed.writing import ensure_schema, write_typed
from aegis_pipeline.graph.update import Update
from aegis_pipeline.logs import bound_fields
from aegis_pipeline.settings import Settings

_CONNECT_SECONDS = 10.0
_RETRY_SECONDS = 30.0  # how long the driver itself tries a transaction again: a server is up again in 5 to 10


def connect(configured: Settings) -> AsyncDriver:
    """A driver for the server of the settings. Nothing is sent before it is used."""
    password = configured.neo4j_password
    return AsyncGraphDatabase.driver(
        configured.neo4j_uri,
        auth=(configured.neo4j_username, password.get_secret_value() if password else ""),
        connection_timeout=_CONNECT_SECONDS,
        max_transaction_retry_time=_RETRY_SECONDS,
        notifications_min_severity="OFF",
    )


class AegisNeo4jStorage(Neo4JStorage):  # type: ignore[misc]
    """LightRAG's storage, that reads as it comes. ``configured`` must be set before it is opened.

    Its parent takes the server and the workspace from the environment.
    """

    configured: Settings

    def __init__(self, namespace: str, global_config: dict[str, Any], embedding_func: Any, workspace: str) -> None:
        super().__init__(namespace, global_config, embedding_func, workspace)
        self.workspace = workspace

    @property
    def label(self) -> str:
        """The label of the nodes, as Cypher has it."""
        return quoted(self.workspace)

    async def initialize(self) -> None:
        """Connect, and make what finds a node by its name and keeps it single.

        Raises:
            GraphError: two nodes have one name.
        """
        self._DATABASE = self.configured.neo4j_database
        self._driver = connect(self.configured)
        await self._ensure_constraint()
        await ensure_schema(self._driver, self._DATABASE)
        await self._create_fulltext_index(self._driver, self._DATABASE, self._get_workspace_label())

    async def _ensure_constraint(self) -> None:
        """In the place of LightRAG's index: a constraint has one, and two for one property cannot be."""
        for index in await self._plain_indexes():
            await self._driver.execute_query(f"DROP INDEX {quoted(index)} IF EXISTS", database_=self._DATABASE)
        name = quoted(f"{self.workspace}_entity_id")
        unique = f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{self.label}) REQUIRE n.entity_id IS UNIQUE"
        try:
            await self._driver.execute_query(unique, database_=self._DATABASE)
        except ClientError as error:
            raise GraphError(
                f"Neo4j keeps no unique names for the label {self.workspace!r} ({error.code}): two nodes have one, "
                "or the user may make no constraint. Choose another AEGIS_WORKSPACE, or ask who keeps the server."
            ) from None

    async def _plain_indexes(self) -> list[str]:
        """The names of LightRAG's own indexes of names, which a constraint cannot stand beside."""
        records, _, _ = await self._driver.execute_query(
            "SHOW RANGE INDEXES YIELD name, labelsOrTypes, properties, owningConstraint "
            "WHERE labelsOrTypes = [$label] AND properties = ['entity_id'] AND owningConstraint IS NULL RETURN name",
            label=self.workspace,
            database_=self._DATABASE,
        )
        return [record["name"] for record in records]

    async def write(self, update: Update) -> None:
        """All of ``update`` or nothing, in LightRAG's graph and in the typed one: it is one transaction, which the
        driver tries again where that may help. Its metadata say for which run and batch it is.

        Raises:
            GraphError: the end of a relationship is not in the graph.
        """
        now = int(time.time())

        async def work(tx: AsyncManagedTransaction) -> None:
            await write_graph(tx, self.label, update, now)
            await write_typed(tx, self.workspace, update)

        async with self._driver.session(database=self._DATABASE) as session:
            await session.execute_write(unit_of_work(metadata=bound_fields("correlation_id", "batch"))(work))

    async def typed_rows(self) -> Rows:
        """See ``typed.auditing.stored_typed_rows``."""
        async with self._driver.session(database=self._DATABASE) as session:
            found: Rows = await session.execute_read(stored_typed_rows, self.workspace)
        return found

    async def typed_difference(self, contribution: BatchContribution, keys: Mapping[str, str]) -> GraphCounts:
        """See ``typed.reading.typed_difference``."""
        async with self._driver.session(database=self._DATABASE) as session:
            difference: GraphCounts = await session.execute_read(typed_difference, self.workspace, contribution, keys)
        return difference
