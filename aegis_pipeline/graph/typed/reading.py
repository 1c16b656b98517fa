"""What is read back from the typed graph, beside what LightRAG's stores are asked for."""

from collections.abc import Mapping
from typing import Any, LiteralString

from neo4j import AsyncManagedTransaction

from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.store import GraphCounts

_COUNTS: tuple[LiteralString, ...] = (
    """
    UNWIND $documents AS id
    MATCH (d:Document {workspace: $workspace, id: id})
    OPTIONAL MATCH (d)-[:HAS_CHUNK]->(c:Chunk)
    OPTIONAL MATCH (c)-[m:MENTIONS]->(:Entity)
    RETURN count(DISTINCT d) AS documents, count(DISTINCT c) AS chunks, count(DISTINCT m) AS mentions
    """,
    """
    UNWIND $keys AS key
    MATCH (e:Entity {workspace: $workspace, entity_id: key})
    RETURN count(e) AS entities
    """,
    """
    UNWIND $documents AS id
    MATCH (:Document {workspace: $workspace, id: id})-[:HAS_CHUNK]->(:Chunk)-[:MENTIONS]->(e:Entity)
    WITH DISTINCT e
    MATCH (e)-[s]->(:Entity) WHERE s.document_id IN $documents
    RETURN count(s) AS statements
    """,
)


async def typed_difference(
    tx: AsyncManagedTransaction, workspace: str, contribution: BatchContribution, keys: Mapping[str, str]
) -> GraphCounts:
    """How many more than it should (fewer, where negative) the typed graph has of ``contribution``.

    ``keys`` maps things to the keys of their nodes. Its mentions stand under ``provenance``; it has no edges.
    """
    documents = contribution.documents
    found: dict[str, int] = {}
    asked: dict[str, Any] = {
        "documents": [document.document_id for document in documents],
        "keys": [keys[thing] for thing in contribution.names if thing in keys],
    }
    for query in _COUNTS:
        result = await tx.run(query, asked, workspace=workspace)
        found |= (await result.single(strict=True)).data()
    return GraphCounts(
        documents=found["documents"] - len(documents),
        chunks=found["chunks"] - sum(len(document.chunks) for document in documents),
        entities=found["entities"] - len(contribution.names),
        statements=found["statements"] - sum(len(document.statements) for document in documents),
        provenance=found["mentions"] - sum(len(document.mentions) for document in documents),
    )
