"""Every document, chunk and entity of the typed graph, and how much hangs on each document."""

from typing import LiteralString

from neo4j import AsyncManagedTransaction

from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.rows import Rows
from aegis_pipeline.graph.typed.rows import TYPED_CHUNKS, TYPED_DOCUMENTS, TYPED_ENTITIES, TYPED_STATEMENTS

_NODES: dict[str, LiteralString] = {
    TYPED_CHUNKS: "MATCH (n:Chunk {workspace: $workspace}) RETURN n.id AS id",
    TYPED_ENTITIES: "MATCH (n:Entity {workspace: $workspace}) RETURN n.entity_id AS id",
}
_DOCUMENTS = """
MATCH (d:Document {workspace: $workspace})
OPTIONAL MATCH (d)-[:HAS_CHUNK]->(c:Chunk)
OPTIONAL MATCH (c)-[m:MENTIONS]->(:Entity)
RETURN d.id AS id, count(DISTINCT c) AS chunks, count(DISTINCT m) AS mentions
"""
_STATEMENTS = """
MATCH (e:Entity {workspace: $workspace})-[s]->(:Entity)
RETURN s.document_id AS id, count(s) AS statements
"""


def expected_typed_rows(corpus: Corpus) -> Rows:
    """What ``stored_typed_rows`` should find."""
    documents = corpus.documents.values()
    return {
        TYPED_DOCUMENTS: {
            document.document_id: {
                "chunks": len(document.chunks),
                "mentions": len(document.mentions),
                "statements": len(document.statements),
            }
            for document in documents
        },
        TYPED_CHUNKS: {chunk.id: {} for document in documents for chunk in document.chunks},
        TYPED_ENTITIES: {key: {} for key in corpus.keys.values()},
    }


async def stored_typed_rows(tx: AsyncManagedTransaction, workspace: str) -> Rows:
    """Documents with their counts; chunks, entities, and documents that are none but have statements, by their ids."""
    found: Rows = {
        store: {record["id"]: {} async for record in await tx.run(query, workspace=workspace)}
        for store, query in _NODES.items()
    }
    stated = {record["id"]: record["statements"] async for record in await tx.run(_STATEMENTS, workspace=workspace)}
    documents = [record.data() async for record in await tx.run(_DOCUMENTS, workspace=workspace)]
    found[TYPED_DOCUMENTS] = {row["id"]: row | {"statements": stated.get(row["id"], 0)} for row in documents}
    found[TYPED_STATEMENTS] = {document: {} for document in stated if document not in found[TYPED_DOCUMENTS]}
    return found
