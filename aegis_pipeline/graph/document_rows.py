"""The rows of documents in LightRAG's stores: text, status, chunks, and what its own deletion and rebuild read.

They are those that LightRAG's own pipeline writes of the same extraction (a contract test compares the two). The
extraction cache holds the text that the graph was made from: LightRAG's rebuild after a deletion of its own reads it.
"""

import json
from collections.abc import Mapping
from typing import Any

from lightrag.base import DocStatus
from lightrag.utils import compute_args_hash, generate_cache_key, get_content_summary

from aegis_pipeline.graph.contributions import ChunkFacts, DocumentContribution
from aegis_pipeline.graph.identity import decode
from aegis_pipeline.graph.rows import CountTokens, Row, Rows, sorted_pair
from aegis_pipeline.graph.statements import Pair
from aegis_pipeline.records import Chunk


def pairs_of(document: DocumentContribution, keys: Mapping[str, str]) -> set[Pair]:
    """The pairs of graph keys that a document relates."""
    return {sorted_pair(keys[first], keys[second]) for first, second in document.pairs}


def document_rows(document: DocumentContribution, keys: Mapping[str, str], count_tokens: CountTokens) -> Rows:
    """Every row of one document but its nodes and edges; ``keys`` maps things to graph keys."""
    said = {chunk.id: _extraction(document.facts.get(chunk.id, ChunkFacts()), keys) for chunk in document.chunks}
    cached = {chunk_id: _cache_key(chunk_id, text) for chunk_id, text in said.items()}
    mentioned = sorted({keys[fact.thing] for facts in document.facts.values() for fact in facts.entities})
    pairs = sorted(pairs_of(document, keys))
    return {
        "full_docs": {document.document_id: {"content": document.text, "file_path": document.file_path}},
        "doc_status": {document.document_id: _status(document)},
        "text_chunks": {chunk.id: _chunk(document, chunk, cached[chunk.id], count_tokens) for chunk in document.chunks},
        "llm_response_cache": {cached[chunk_id]: _cached(chunk_id, text) for chunk_id, text in said.items()},
        "full_entities": {document.document_id: {"entity_names": mentioned, "count": len(mentioned)}},
        "full_relations": {document.document_id: {"relation_pairs": [list(p) for p in pairs], "count": len(pairs)}},
        "chunks_vdb": {chunk.id: _chunk_vector(document, chunk, count_tokens) for chunk in document.chunks},
    }


def _status(document: DocumentContribution) -> Row:
    return {
        "status": DocStatus.PROCESSED.value,
        "content_summary": get_content_summary(document.text),
        "content_length": len(document.text),
        "file_path": document.file_path,
        "chunks_count": len(document.chunks),
        "chunks_list": [chunk.id for chunk in document.chunks],
        "metadata": {},
    }


def _chunk(document: DocumentContribution, chunk: Chunk, cached: str, count_tokens: CountTokens) -> Row:
    """LightRAG's row, and the place of the chunk in the document, for answers to show.

    The place is in a field of LightRAG's own for where a chunk comes from: PostgreSQL's table has no other.
    """
    return {
        "chunk_id": chunk.id,
        "content": chunk.text,
        "tokens": count_tokens(chunk.text),
        "chunk_order_index": chunk.index,
        "full_doc_id": document.document_id,
        "file_path": document.file_path,
        "llm_cache_list": [cached],
        "sidecar": {"path": document.path, "start": chunk.span.start, "end": chunk.span.end},
    }


def _chunk_vector(document: DocumentContribution, chunk: Chunk, count_tokens: CountTokens) -> Row:
    return {
        "content": chunk.text,
        "tokens": count_tokens(chunk.text),
        "chunk_order_index": chunk.index,
        "full_doc_id": document.document_id,
        "file_path": document.file_path,
    }


def _extraction(facts: ChunkFacts, keys: Mapping[str, str]) -> str:
    """What a chunk says, in the JSON that LightRAG's own extraction writes and its rebuild reads."""
    entities = [{"name": keys[t], "type": decode(t).type, "description": said} for t, said in facts.entities]
    relations = [
        _relationship(*sorted_pair(keys[p.first], keys[p.second]), p.keywords, p.description) for p in facts.pairs
    ]
    return json.dumps({"entities": entities, "relationships": relations}, ensure_ascii=False, sort_keys=True)


def _relationship(source: str, target: str, keywords: str, description: str) -> dict[str, Any]:
    return {"source": source, "target": target, "keywords": keywords, "description": description}


def _cache_key(chunk_id: str, said: str) -> str:
    return str(generate_cache_key("default", "extract", compute_args_hash("aegis", chunk_id, said)))


def _cached(chunk_id: str, said: str) -> Row:
    return {"return": said, "cache_type": "extract", "chunk_id": chunk_id, "original_prompt": "", "queryparam": None}
