"""The rows of documents that stock LightRAG has put beside ours, by its own extraction: they are left alone."""

from collections.abc import Collection
from typing import Any

from lightrag.utils import make_relation_chunk_key, make_relation_vdb_ids

from aegis_pipeline.graph.audit.owners import OF_CHUNKS, OF_DOCUMENTS
from aegis_pipeline.graph.descriptions import split
from aegis_pipeline.graph.rows import EDGES, NODES, Row, Rows, entity_id
from aegis_pipeline.graph.update import RowIds

_EXTRACTED = "default:extract:"
_OWN_NAME = "%2F"  # between batch and path: ``encode_file_path``


def sources(row: Row) -> set[str]:
    """The chunks that a row rests on."""
    return {*row.get("chunk_ids", ()), *split(row.get("source_id"))}


def guests(stored: Rows) -> RowIds:
    """Store → ids of the rows that are not of this project, and of the nodes and edges that rest on one of them."""
    statuses = stored["doc_status"]
    documents = {i for i, row in statuses.items() if _OWN_NAME not in (row.get("file_path") or "")}
    chunks = {chunk for i in documents for chunk in statuses[i].get("chunks_list") or ()}
    keys = {key for store in (NODES, "entity_chunks") for key, row in stored[store].items() if chunks & sources(row)}
    pairs = {pair for pair, edge in stored[EDGES].items() if chunks & sources(edge)}
    answers = stored["llm_response_cache"].items()
    return {
        **dict.fromkeys(OF_DOCUMENTS, documents),
        **dict.fromkeys(OF_CHUNKS, chunks),
        "llm_response_cache": {row_id for row_id, row in answers if _is_guest(row_id, row, chunks)},
        NODES: keys,
        EDGES: pairs,
        "entity_chunks": keys,
        "entities_vdb": {entity_id(key) for key in keys},
        "relation_chunks": {make_relation_chunk_key(*pair) for pair in pairs},
        "relationships_vdb": {row_id for pair in pairs for row_id in make_relation_vdb_ids(*pair)},
    }


def _is_guest(row_id: str, row: dict[str, Any], chunks: Collection[str]) -> bool:
    """LightRAG keeps answers to questions in the same store."""
    return not row_id.startswith(_EXTRACTED) or row.get("chunk_id") in chunks
