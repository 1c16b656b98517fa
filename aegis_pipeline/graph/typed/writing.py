"""An update of the typed graph, in the caller's transaction: a few statements, each over many rows.

Labels and types that depend on the data are dynamic ones, parameters of a statement like any other value: so no name
is ever part of Cypher, and a statement is planned once and not for each of its types. For 3,840 statements of 96
predicates on a server that has just started that took 2 s; with the types written out, 7 to 12 s.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from neo4j import AsyncDriver, AsyncManagedTransaction
from neo4j.exceptions import ClientError

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.neo4j.bulk import Step, run_steps
from aegis_pipeline.graph.rows import NODES, Row
from aegis_pipeline.graph.typed.rows import TYPED_CHUNKS, TYPED_DOCUMENTS, TYPED_STATEMENTS, entity_row
from aegis_pipeline.graph.typed.schema import SCHEMA
from aegis_pipeline.graph.update import Update

# A statement of a document goes out from an entity that the document mentions.
_REMOVE_STATEMENTS = """
UNWIND $rows AS id
MATCH (:Document {workspace: $workspace, id: id})-[:HAS_CHUNK]->(:Chunk)-[:MENTIONS]->(e:Entity)
WITH DISTINCT e
MATCH (e)-[s]->(:Entity) WHERE s.document_id IN $rows
DELETE s
"""
_REMOVE_KNOWN_STATEMENTS = """
UNWIND $rows AS row
MATCH (e:Entity {workspace: $workspace, entity_id: row.head})-[s]->(:Entity) WHERE s.document_id = row.document
DELETE s
"""
_REMOVE_STRAY_STATEMENTS = """
MATCH (:Entity {workspace: $workspace})-[s]->(:Entity) WHERE s.document_id IN $rows
DELETE s
"""
_REMOVE_DOCUMENTS = """
UNWIND $rows AS id
MATCH (d:Document {workspace: $workspace, id: id})
OPTIONAL MATCH (d)-[:HAS_CHUNK]->(c:Chunk)
DETACH DELETE d, c
"""
_REMOVE_KNOWN_CHUNKS = """
UNWIND $rows AS id
MATCH (c:Chunk {workspace: $workspace, id: id})
DETACH DELETE c
"""
_REMOVE_ENTITIES = """
UNWIND $rows AS key
MATCH (e:Entity {workspace: $workspace, entity_id: key})
DETACH DELETE e
"""
_WRITE_ENTITIES = """
UNWIND $rows AS row
MERGE (e:Entity {workspace: $workspace, entity_id: row.key})
REMOVE e:$([label IN labels(e) WHERE label <> 'Entity'])
SET e += row.properties, e:$(row.label)
"""
_WRITE_DOCUMENTS = """
UNWIND $rows AS row
MERGE (d:Document {workspace: $workspace, id: row.id})
SET d += row.properties
"""
_WRITE_CHUNKS = """
UNWIND $rows AS row
MATCH (d:Document {workspace: $workspace, id: row.document})
MERGE (c:Chunk {workspace: $workspace, id: row.id})
SET c += row.properties
MERGE (d)-[:HAS_CHUNK]->(c)
RETURN count(*) AS found
"""
_WRITE_MENTIONS = """
UNWIND $rows AS row
MATCH (c:Chunk {workspace: $workspace, id: row.chunk})
MATCH (e:Entity {workspace: $workspace, entity_id: row.entity})
MERGE (c)-[m:MENTIONS {start: row.start, end: row.end}]->(e)
SET m.surface = row.surface
RETURN count(*) AS found
"""
_WRITE_STATEMENTS = """
UNWIND $rows AS row
MATCH (h:Entity {workspace: $workspace, entity_id: row.head})
MATCH (t:Entity {workspace: $workspace, entity_id: row.tail})
CREATE (h)-[s:$(row.type)]->(t)
SET s = row.properties
RETURN count(*) AS found
"""


async def ensure_schema(driver: AsyncDriver, database: str) -> None:
    """Make the constraints and the index of the typed graph, where they are not there yet.

    Raises:
        GraphError: the database has nodes of somebody else's that they cannot hold for, or an index in their place.
    """
    for statement in SCHEMA:
        try:
            await driver.execute_query(statement, database_=database)
        except ClientError as error:
            raise GraphError(
                f"The database {database!r} cannot hold the typed graph ({error.code}): somebody else has nodes or an "
                "index for Document, Chunk or Entity there, or the user may make no constraint. "
                "Set NEO4J_DATABASE to another, or ask who keeps the server."
            ) from None


async def write_typed(tx: AsyncManagedTransaction, workspace: str, update: Update) -> None:
    """Carry out what ``update`` says of the typed graph. Twice is the same as once.

    Raises:
        GraphError: an entity that a document names is not in the graph.
    """
    await run_steps(tx, steps(update), workspace=workspace)


def steps(update: Update) -> list[Step]:
    """What ``update`` says of documents and entities: a document that changed is removed and written as a whole.

    It is removed by what hangs on it, and also by what the rows name: where somebody took a part out, the rest hangs on
    nothing.
    """
    documents, nodes = update.written(TYPED_DOCUMENTS), update.written(NODES)
    outdated = [*update.removed(TYPED_DOCUMENTS), *documents]
    known = [
        (i, row[i])
        for row in (update.before[TYPED_DOCUMENTS], update.after[TYPED_DOCUMENTS])
        for i in outdated
        if i in row
    ]
    chunks = {chunk["id"] for _, row in known for chunk in row["chunks"]}
    heads = {(document_id, statement["head"]) for document_id, row in known for statement in row["statements"]}
    return [
        Step(_REMOVE_STATEMENTS, outdated),
        Step(
            _REMOVE_KNOWN_STATEMENTS, [{"document": document_id, "head": head} for document_id, head in sorted(heads)]
        ),
        Step(_REMOVE_STRAY_STATEMENTS, update.removed(TYPED_STATEMENTS)),
        Step(_REMOVE_DOCUMENTS, outdated),
        Step(_REMOVE_KNOWN_CHUNKS, sorted({*chunks, *update.removed(TYPED_CHUNKS)})),
        Step(_REMOVE_ENTITIES, update.removed(NODES)),
        Step(_WRITE_ENTITIES, [entity_row(key, node) for key, node in nodes.items()]),
        Step(_WRITE_DOCUMENTS, [{"id": i, "properties": row["properties"]} for i, row in documents.items()]),
        Step(_WRITE_CHUNKS, _parts(documents, "chunks"), counted=True),
        Step(_WRITE_MENTIONS, _parts(documents, "mentions"), counted=True),
        Step(_WRITE_STATEMENTS, _parts(documents, "statements"), counted=True),
    ]


def _parts(documents: Mapping[str, Row], kind: str) -> Sequence[dict[str, Any]]:
    return [part | {"document": document_id} for document_id, row in documents.items() for part in row[kind]]
