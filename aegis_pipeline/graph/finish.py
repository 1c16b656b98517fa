"""What LightRAG's merge leaves to us: removal, and the properties whose value must depend on the documents alone.

After LightRAG has deleted and inserted documents, each node and edge that they touch gets its final description (a
choice of sentences, see ``descriptions.py``), its sources in order, its plain name and aliases, and its statements.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lightrag.base import DocStatus
from lightrag.constants import DEFAULT_MAX_FILE_PATHS, DEFAULT_MAX_SOURCE_IDS_PER_ENTITY
from lightrag.utils import compute_mdhash_id, make_relation_chunk_key, make_relation_vdb_ids

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import statements
from aegis_pipeline.graph.contributions import BatchContribution, Naming
from aegis_pipeline.graph.descriptions import SEPARATOR, choose, split
from aegis_pipeline.graph.ledger import Change, Ledger
from aegis_pipeline.graph.lightrag_adapter import AegisLightRAG
from aegis_pipeline.graph.statements import Pair, Statement

Rows = Mapping[str, Any]
T = TypeVar("T", bound=Hashable)


async def touched_by(rag: AegisLightRAG, change: Change) -> tuple[set[str], set[Pair]]:
    """The graph keys and pairs that a write may change: those of the documents that go, and all of the batch's."""
    keys = {*change.before.names, *change.contribution.names}
    pairs = {pair for document in change.contribution.documents for pair in document.statements}
    for document_id in change.stale:
        row = await rag.full_relations.get_by_id(document_id) or {}
        pairs |= {_sorted(first, second) for first, second in row.get("relation_pairs", [])}
    return keys, pairs


def _sorted(first: str, second: str) -> Pair:
    return (first, second) if first < second else (second, first)


async def delete(rag: AegisLightRAG, document_ids: Sequence[str]) -> None:
    """Remove documents and exactly what they contributed.

    Raises:
        GraphError: LightRAG did not delete one.
    """
    for document_id in document_ids:
        result = await rag.adelete_by_doc_id(document_id, delete_llm_cache=True)
        if result.status != "success":
            raise GraphError(f"Document {document_id} could not be removed: {result.status}, {result.message}")


async def check_processed(rag: AegisLightRAG, document_ids: Sequence[str]) -> None:
    """LightRAG does not raise when a document fails: read the status back.

    Raises:
        GraphError: a document is not in the state ``processed``; the message names the first and what LightRAG says.
    """
    rows = await rag.doc_status.get_by_ids(list(document_ids))
    for document_id, row in zip(document_ids, rows, strict=True):
        status = (row or {}).get("status", "missing")
        if status != DocStatus.PROCESSED:
            reason = (row or {}).get("error_msg") or "no reason given"
            raise GraphError(f"Document {document_id} is {status} in the graph, not processed: {reason}")


async def finish(rag: AegisLightRAG, change: Change, touched: tuple[set[str], set[Pair]]) -> None:
    """Give every touched node and edge its final properties, in the graph and in the vectors."""
    keys, pairs = touched
    await _finish_nodes(rag, change.ledger_after, sorted(keys))
    await _finish_edges(rag, change, sorted(pairs))


async def _finish_nodes(rag: AegisLightRAG, ledger: Ledger, keys: list[str]) -> None:
    graph = rag.chunk_entity_relation_graph
    found = await graph.get_nodes_batch(keys)
    origins = await _origins(rag, rag.entity_chunks, {key: key for key in found})
    changed = {}
    for key, node in found.items():
        update = {**origins[key].properties, "description": _described(rag, key, node)}
        update |= _named([entry.names[key] for entry in ledger.values() if key in entry.names])
        if any(node.get(name) != value for name, value in update.items()):
            changed[key] = {**node, **update}
    await graph.upsert_nodes_batch(list(changed.items()))
    await rag.entities_vdb.upsert({_entity_id(key): _entity_vector(key, node) for key, node in changed.items()})


def _named(namings: Sequence[Naming]) -> dict[str, str]:
    """Type and plain name as most batches have them, the first in order where they are level, and all other names."""
    name, type_ = _most_common(n.name for n in namings), _most_common(n.type for n in namings)
    aliases = {alias for n in namings for alias in (n.name, *n.aliases)} - {name}
    return {"entity_type": type_, "name": name, "aliases": json.dumps(sorted(aliases), ensure_ascii=False)}


def _most_common(words: Iterable[str]) -> str:
    count = Counter(words)
    return min(count, key=lambda word: (-count[word], word))


async def _finish_edges(rag: AegisLightRAG, change: Change, pairs: list[Pair]) -> None:
    graph = rag.chunk_entity_relation_graph
    found = await graph.get_edges_batch([{"src": first, "tgt": second} for first, second in pairs])
    origins = await _origins(rag, rag.relation_chunks, {pair: make_relation_chunk_key(*pair) for pair in found})
    new = _statements_by_pair(change.contribution)
    own = {document.document_id for document in change.contribution.documents} | change.stale
    changed: dict[Pair, dict[str, Any]] = {}
    for pair, edge in found.items():
        keywords = ",".join(sorted({word.strip() for word in edge["keywords"].split(",")}))
        update = {**origins[pair].properties, "keywords": keywords, "weight": float(origins[pair].chunks)}
        update |= {"description": _described(rag, pair[0], edge)}
        update |= {statements.PROPERTY: statements.replace(edge.get(statements.PROPERTY), own, new.get(pair, []))}
        if any(edge.get(name) != value for name, value in update.items()):
            changed[pair] = {**edge, **update}
    await graph.upsert_edges_batch([(*pair, edge) for pair, edge in changed.items()])
    await rag.relationships_vdb.upsert({_relation_id(pair): _relation_vector(pair, e) for pair, e in changed.items()})


def _statements_by_pair(contribution: BatchContribution) -> dict[Pair, list[Statement]]:
    found: dict[Pair, list[Statement]] = defaultdict(list)
    for document in contribution.documents:
        for pair, group in document.statements.items():
            found[pair].extend(group)
    return found


def _described(rag: AegisLightRAG, name: str, row: Rows) -> str:
    def count_tokens(sentence: str) -> int:
        return len(rag.tokenizer.encode(sentence))

    return choose(name, split(row["description"]), count_tokens, rag.embedding_func.max_token_size)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a node or edge comes from: how many chunks, and the properties that name them, capped and in order."""

    chunks: int
    properties: dict[str, str]


async def _origins(rag: AegisLightRAG, tracked: Any, keys: Mapping[T, str]) -> dict[T, _Origin]:
    """For each node or edge, from LightRAG's own full list of its chunks (``tracked``, by ``keys``)."""
    rows = await tracked.get_by_ids(list(keys.values()))
    chunks = {key: sorted((row or {}).get("chunk_ids", [])) for key, row in zip(keys, rows, strict=True)}
    kept = {key: ids[:DEFAULT_MAX_SOURCE_IDS_PER_ENTITY] for key, ids in chunks.items()}
    paths = await _paths(rag, sorted({chunk_id for ids in kept.values() for chunk_id in ids}))
    return {key: _origin(chunks[key], kept[key], paths) for key in keys}


def _origin(chunks: Sequence[str], kept: Sequence[str], paths: Mapping[str, str]) -> _Origin:
    files = sorted({paths[chunk_id] for chunk_id in kept})[:DEFAULT_MAX_FILE_PATHS]
    truncate = "" if len(kept) == len(chunks) else f"KEEP {len(kept)}/{len(chunks)}"
    properties = {"source_id": SEPARATOR.join(kept), "file_path": SEPARATOR.join(files), "truncate": truncate}
    return _Origin(len(chunks), properties)


async def _paths(rag: AegisLightRAG, chunk_ids: list[str]) -> dict[str, str]:
    rows = await rag.text_chunks.get_by_ids(chunk_ids)
    return {chunk_id: row["file_path"] for chunk_id, row in zip(chunk_ids, rows, strict=True)}


def _entity_id(key: str) -> str:
    return str(compute_mdhash_id(key, prefix="ent-"))


def _entity_vector(key: str, node: Rows) -> dict[str, Any]:
    """The row that LightRAG's merge writes; a contract test compares the two."""
    return {
        "entity_name": key,
        "entity_type": node["entity_type"],
        "content": f"{key}\n{node['description']}",
        "source_id": node["source_id"],
        "file_path": node["file_path"],
    }


def _relation_id(pair: Pair) -> str:
    return str(make_relation_vdb_ids(*pair)[0])


def _relation_vector(pair: Pair, edge: Rows) -> dict[str, Any]:
    """The row that LightRAG's merge writes; a contract test compares the two."""
    first, second = pair
    return {
        "src_id": first,
        "tgt_id": second,
        "source_id": edge["source_id"],
        "content": f"{edge['keywords']}\t{first}\n{second}\n{edge['description']}",
        "keywords": edge["keywords"],
        "description": edge["description"],
        "weight": edge["weight"],
        "file_path": edge["file_path"],
    }
