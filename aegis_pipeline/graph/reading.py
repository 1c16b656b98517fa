"""What is read back from a LightRAG store, without any LLM."""

from collections.abc import Mapping
from typing import Any

from lightrag import LightRAG, QueryParam
from lightrag.base import DocStatus
from lightrag.utils import compute_mdhash_id, make_relation_vdb_ids

from aegis_pipeline.graph import statements
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.descriptions import SEPARATOR
from aegis_pipeline.graph.rows import sorted_pair
from aegis_pipeline.graph.store import Graph, GraphCounts

_SOURCES = 3  # places shown of each row that was retrieved


async def counts(rag: LightRAG, contribution: BatchContribution, keys: Mapping[str, str]) -> GraphCounts:
    """What of ``contribution`` is in the store; an entity, edge or chunk counts when its vector is there too.

    ``keys`` maps things to the keys of their nodes.
    """
    documents = [document.document_id for document in contribution.documents]
    chunks = [chunk.id for document in contribution.documents for chunk in document.chunks]
    named = [keys[thing] for thing in contribution.names if thing in keys]
    stated = {pair for document in contribution.documents for pair in document.pairs}
    pairs = sorted({sorted_pair(keys[a], keys[b]) for a, b in stated if a in keys and b in keys})
    edges = await _edges(rag, pairs)
    own = set(documents)
    statuses = [row["status"] for row in await rag.doc_status.get_by_ids(documents) if row]
    return GraphCounts(
        documents=statuses.count(DocStatus.PROCESSED),
        chunks=len(await _chunks(rag, chunks)),
        entities=len(await _entities(rag, sorted(named))),
        edges=len(edges),
        statements=sum(
            statement.document_id in own
            for edge in edges.values()
            for statement in statements.decode(edge.get(statements.PROPERTY))
        ),
    )


async def _chunks(rag: LightRAG, chunk_ids: list[str]) -> set[str]:
    rows = await rag.text_chunks.get_by_ids(chunk_ids)
    kept = {chunk_id for chunk_id, row in zip(chunk_ids, rows, strict=True) if row}
    return kept & {row["id"] for row in await rag.chunks_vdb.get_by_ids(chunk_ids) if row}


async def _entities(rag: LightRAG, keys: list[str]) -> set[str]:
    nodes = await rag.chunk_entity_relation_graph.get_nodes_batch(keys)
    ids = {str(compute_mdhash_id(key, prefix="ent-")): key for key in nodes}
    return {ids[row["id"]] for row in await rag.entities_vdb.get_by_ids(list(ids)) if row}


async def _edges(rag: LightRAG, pairs: list[statements.Pair]) -> dict[statements.Pair, dict[str, Any]]:
    asked = [{"src": first, "tgt": second} for first, second in pairs]
    found = await rag.chunk_entity_relation_graph.get_edges_batch(asked)
    ids = {make_relation_vdb_ids(*pair)[0]: pair for pair in found}
    stored = [row["id"] for row in await rag.relationships_vdb.get_by_ids(list(ids)) if row]
    return {ids[row_id]: found[ids[row_id]] for row_id in stored}


def query_param(mode: str, high: list[str], low: list[str], top_k: int) -> QueryParam:
    """Retrieval with given keywords: LightRAG then needs no LLM to find some, and no model to rank anew."""
    return QueryParam(mode=mode, hl_keywords=high, ll_keywords=low, top_k=top_k, chunk_top_k=top_k, enable_rerank=False)


async def retrieve(rag: LightRAG, question: str, param: QueryParam) -> dict[str, Any]:
    """LightRAG's own retrieval: ``entities``, ``relationships`` and ``chunks``; nothing found is an empty dictionary.

    Each row gets ``sources``, the places that it rests on (``path``, ``start``, ``end``, at most three), and each
    relationship its ``statements``.
    """
    data: dict[str, Any] = (await rag.aquery_data(question, param)).get("data") or {}
    for row in [*data.get("entities", []), *data.get("relationships", [])]:
        row["sources"] = await _sources(rag, row["source_id"].split(SEPARATOR)[:_SOURCES])
    for row in data.get("chunks", []):
        row["sources"] = await _sources(rag, [row["chunk_id"]])
    await _add_statements(rag, data.get("relationships", []))
    return data


async def _sources(rag: LightRAG, chunk_ids: list[str]) -> list[dict[str, Any]]:
    rows = await rag.text_chunks.get_by_ids(chunk_ids)
    return [{name: row[name] for name in ("path", "start", "end")} for row in rows if row]


async def _add_statements(rag: LightRAG, relationships: list[dict[str, Any]]) -> None:
    asked = [{"src": row["src_id"], "tgt": row["tgt_id"]} for row in relationships]
    edges = await rag.chunk_entity_relation_graph.get_edges_batch(asked)
    for row in relationships:
        edge = edges.get((row["src_id"], row["tgt_id"]), {})
        row["statements"] = statements.decode(edge.get(statements.PROPERTY))


async def graph(rag: LightRAG) -> Graph:
    """Every node and edge with its properties; edges by their sorted pair."""
    nodes = {node["id"]: node for node in await rag.chunk_entity_relation_graph.get_all_nodes()}
    edges = {}
    for edge in await rag.chunk_entity_relation_graph.get_all_edges():
        first, second = sorted((edge.pop("source"), edge.pop("target")))
        edges[first, second] = edge
    return Graph(nodes, edges)
