"""Every row that the stores hold, whoever wrote it: LightRAG gives rows for ids, and the ids are found here."""

from typing import Any

from lightrag import LightRAG
from lightrag.kg.nano_vector_db_impl import NanoVectorDBStorage

from aegis_pipeline.graph import reading
from aegis_pipeline.graph.descriptions import SEPARATOR
from aegis_pipeline.graph.rows import EDGES, NODES, Row, Rows
from aegis_pipeline.graph.writing import STORES

_SLICE = 10_000  # rows of one question


async def stored_rows(rag: LightRAG) -> Rows:
    """Store → id → row, with LightRAG's own fields."""
    graph = await reading.graph(rag)
    found: Rows = {NODES: dict(graph.nodes), EDGES: dict(graph.edges)}
    for name in (*STORES, "doc_status"):
        found[name] = await _all(getattr(rag, name))
    return found


async def _all(storage: Any) -> dict[Any, Row]:
    rows: dict[Any, Row] = {}
    ids = await _ids(storage)
    for first in range(0, len(ids), _SLICE):
        rows |= await reading.rows(storage, ids[first : first + _SLICE])
    return {row_id: _named(row) for row_id, row in rows.items()}


def _named(row: Row) -> Row:
    """A vector's row with the names that LightRAG writes: PostgreSQL's columns have others for its chunks and ends."""
    if "chunk_ids" not in row or "content" not in row:
        return row
    ends = {"src_id": row["source_id"], "tgt_id": row["target_id"]} if "target_id" in row else {}
    return row | ends | {"source_id": SEPARATOR.join(row["chunk_ids"] or ())}


async def _ids(storage: Any) -> list[str]:
    if hasattr(storage, "row_ids"):  # in PostgreSQL
        found: list[str] = await storage.row_ids()
        return found
    if isinstance(storage, NanoVectorDBStorage):
        return [row["__id__"] for row in (await storage.client_storage)["data"]]
    return list(storage._data)  # of a file of JSON
