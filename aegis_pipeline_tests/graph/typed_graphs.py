"""A typed graph on a real server, written from corpora and read back as plain values."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import uuid4

from neo4j import AsyncDriver, AsyncGraphDatabase

from aegis_pipeline.graph import BatchContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.neo4j.bulk import quoted, write_graph
from aegis_pipeline.graph.typed.rows import with_typed
from aegis_pipeline.graph.typed.writing import ensure_schema, write_typed
from aegis_pipeline.graph.update import RowIds, Update, plan
from aegis_pipeline_tests.graph.worlds import ENCODER
from aegis_pipeline_tests.servers.addresses import Neo4jServer

_PARTS: dict[str, LiteralString] = {
    "documents": "MATCH (d:Document {workspace: $workspace}) RETURN labels(d), properties(d)",
    "chunks": (
        "MATCH (c:Chunk {workspace: $workspace}) OPTIONAL MATCH (d:Document)-[h]->(c) "
        "RETURN d.id, type(h), labels(c), properties(c)"
    ),
    "entities": "MATCH (e:Entity {workspace: $workspace}) RETURN labels(e), properties(e)",
    "mentions": (
        "MATCH (c)-[m:MENTIONS]->(e:Entity {workspace: $workspace}) RETURN c.id, type(m), properties(m), e.entity_id"
    ),
    "statements": (
        "MATCH (h:Entity)-[s]->(t:Entity {workspace: $workspace}) "
        "RETURN h.entity_id, type(s), properties(s), t.entity_id"
    ),
}


def planned(before: Corpus, after: Corpus, unsure: RowIds | None = None) -> Update:
    """The update of both graphs."""
    update = plan(before, after, lambda text: len(ENCODER.tokenizer.encode(text)), ENCODER.max_tokens, unsure)
    return with_typed(update, before, after)


@dataclass
class TypedGraph:
    """The graphs of one workspace, and the corpus that they hold."""

    driver: AsyncDriver
    database: str
    workspace: str = field(default_factory=lambda: f"t{uuid4().hex[:12]}")
    corpus: Corpus = field(default_factory=Corpus)

    async def write(self, *contributions: BatchContribution) -> None:
        """Batch by batch, each in the place of what the graph has of it."""
        for contribution in contributions:
            after = self.corpus.with_batch(contribution)
            await self.apply(planned(self.corpus, after))
            self.corpus = after

    async def apply(self, update: Update) -> None:
        """The typed graph's part of ``update``."""
        async with self.driver.session(database=self.database) as session:
            await session.execute_write(write_typed, self.workspace, update)

    async def apply_lightrag(self, update: Update) -> None:
        """LightRAG's part of ``update``."""
        async with self.driver.session(database=self.database) as session:
            await session.execute_write(write_graph, quoted(self.workspace), update, 7)

    async def rows(self, cypher: LiteralString, **parameters: Any) -> list[Any]:
        """The records of a query, each a list; ``$workspace`` is this one."""
        asked = {"workspace": self.workspace, **parameters}
        records, _, _ = await self.driver.execute_query(cypher, asked, database_=self.database)
        return [list(record.values()) for record in records]

    async def read(self) -> dict[str, list[Any]]:
        """Everything in the typed graph but the workspace's name, sorted."""
        return {part: sorted(map(_plain, await self.rows(cypher)), key=repr) for part, cypher in _PARTS.items()}

    async def clear(self) -> None:
        """Nothing of the workspace is left, in either graph."""
        await self.rows("MATCH (n {workspace: $workspace}) DETACH DELETE n")
        await self.rows("MATCH (n:$($workspace)) DETACH DELETE n")


def _plain(value: Any) -> Any:
    """Without the workspace; properties in the order of their names, and labels in theirs."""
    if isinstance(value, dict):
        return {name: value[name] for name in sorted(value) if name != "workspace"}
    return [
        _plain(item) if isinstance(item, dict) else sorted(item) if isinstance(item, list) else item for item in value
    ]


@asynccontextmanager
async def typed_graph(server: Neo4jServer) -> AsyncIterator[TypedGraph]:
    """An empty graph in a workspace of its own, which is cleared again."""
    login = (server.username, server.password)
    async with AsyncGraphDatabase.driver(server.uri, auth=login, notifications_min_severity="OFF") as driver:
        await ensure_schema(driver, server.database)
        graph = TypedGraph(driver, server.database)
        try:
            yield graph
        finally:
            await graph.clear()


async def afresh(server: Neo4jServer, *contributions: BatchContribution) -> dict[str, list[Any]]:
    """What a new graph holds once ``contributions`` are written."""
    async with typed_graph(server) as graph:
        await graph.write(*contributions)
        return await graph.read()
