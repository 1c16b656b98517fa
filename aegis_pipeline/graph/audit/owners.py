"""To which document, node or edge each row belongs: what is mended is mended as a whole, so that a write that is killed
in between is known by it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from lightrag.utils import make_relation_chunk_key

from aegis_pipeline.graph.rows import EDGES, NODES, Rows, entity_id, relation_id
from aegis_pipeline.graph.typed.rows import TYPED_DOCUMENTS, TYPED_ENTITIES

OF_DOCUMENTS = ("full_docs", "doc_status", "full_entities", "full_relations", TYPED_DOCUMENTS)
OF_CHUNKS = ("text_chunks", "chunks_vdb")


class Owner(NamedTuple):
    """A row of ``full_docs``, ``nodes`` or ``edges``."""

    store: str
    row_id: Any


def owners(expected: Rows) -> dict[str, dict[Any, Owner]]:
    """Store → id → owner, for every row that there should be."""
    chunks = {i: Owner("full_docs", row["full_doc_id"]) for i, row in expected["text_chunks"].items()}
    keys, pairs = expected[NODES], expected[EDGES]
    answers = expected["llm_response_cache"].items()
    return {
        **dict.fromkeys(OF_DOCUMENTS, _own("full_docs", expected["full_docs"])),
        **dict.fromkeys(OF_CHUNKS, chunks),
        "llm_response_cache": {i: chunks[row["chunk_id"]] for i, row in answers},
        **dict.fromkeys((NODES, "entity_chunks", TYPED_ENTITIES), _own(NODES, keys)),
        "entities_vdb": {entity_id(key): Owner(NODES, key) for key in keys},
        EDGES: _own(EDGES, pairs),
        "relation_chunks": {make_relation_chunk_key(*pair): Owner(EDGES, pair) for pair in pairs},
        "relationships_vdb": {relation_id(pair): Owner(EDGES, pair) for pair in pairs},
    }


def _own(store: str, ids: Iterable[Any]) -> dict[Any, Owner]:
    return {row_id: Owner(store, row_id) for row_id in ids}
