"""An update of LightRAG's nodes and edges in Neo4j: a few statements, each over many rows, in the caller's transaction.

LightRAG writes each node and edge in a transaction of its own. The rows, labels and properties here are the same, so
its storage reads them; `aegis_pipeline_tests/graph/test_lightrag_server_contract.py` compares the two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from neo4j import AsyncManagedTransaction

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.rows import EDGES, NODES
from aegis_pipeline.graph.update import Update

SLICE = 2_000  # rows of one statement: the server holds them as a whole


class Step(NamedTuple):
    """A statement over rows; with ``counted`` it must say that it found every one of them."""

    cypher: str
    rows: Sequence[Any]
    counted: bool = False


def quoted(name: str) -> str:
    """A label, a relationship type or an index's name as Cypher has it: nothing in it can end it."""
    return "`" + name.replace("`", "``") + "`"


def steps(label: str, update: Update) -> list[Step]:
    """What ``update`` says of nodes and edges with ``label``; ``$now`` is when what is new was created."""
    node, end = f"(n:{label} {{entity_id: row.key}})", f"{label} {{entity_id: row"
    edge = f"(a:{end}.first}})-[r:DIRECTED]-(b:{end}.second}})"
    gone = [{"first": first, "second": second} for first, second in update.removed(EDGES)]
    nodes = [{"key": key, "is": row} for key, row in update.written(NODES).items()]
    edges = [{"first": a, "second": b, "is": row} for (a, b), row in update.written(EDGES).items()]
    return [
        Step(f"UNWIND $rows AS row MATCH {edge} DELETE r", gone),
        Step(f"UNWIND $rows AS row MATCH {node} DETACH DELETE n", [{"key": key} for key in update.removed(NODES)]),
        Step(f"UNWIND $rows AS row MERGE {node} ON CREATE SET n.created_at = $now SET n += row.is", nodes),
        Step(
            f"UNWIND $rows AS row MATCH (a:{end}.first}}) MATCH (b:{end}.second}}) "
            f"MERGE (a)-[r:DIRECTED]-(b) ON CREATE SET r.created_at = $now SET r += row.is RETURN count(r) AS found",
            edges,
            counted=True,
        ),
    ]


async def write_graph(tx: AsyncManagedTransaction, label: str, update: Update, now: int) -> None:
    """Carry out ``update`` in ``tx``, at ``now`` (Unix time). Twice is the same as once.

    ``label`` is quoted.

    Raises:
        GraphError: the end of an edge is not in the graph.
    """
    await run_steps(tx, steps(label, update), now=now)


async def run_steps(tx: AsyncManagedTransaction, steps: Iterable[Step], **parameters: Any) -> None:
    """Carry out ``steps`` in ``tx``, slice by slice, with ``parameters`` beside the rows.

    Raises:
        GraphError: the end of a relationship is not in the graph.
    """
    for step in steps:
        for rows in slices(step.rows):
            await _carry_out(tx, step, rows, parameters)


async def _carry_out(
    tx: AsyncManagedTransaction, step: Step, rows: Sequence[Any], parameters: Mapping[str, Any]
) -> None:
    result = await tx.run(step.cypher, rows=rows, **parameters)
    if not step.counted:
        await result.consume()
    elif (found := (await result.single(strict=True))["found"]) < len(rows):
        raise GraphError(
            f"{len(rows) - found} of {len(rows)} relationships have an end that is not in Neo4j: somebody else removed "
            "it. Run the batch again; `aegis doctor` says what the database holds."
        )


def slices(rows: Sequence[Any], size: int = SLICE) -> Iterator[Sequence[Any]]:
    """``rows`` in pieces of at most ``size``."""
    return (rows[first : first + size] for first in range(0, len(rows), size))
