"""What is read back from a LightRAG store, without any LLM."""

from collections.abc import Mapping
from typing import Any

from lightrag import LightRAG, QueryParam
from lightrag.base import DocStatus
from lightrag.utils import make_relation_chunk_key

from aegis_pipeline.graph import statements
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.descriptions import SEPARATOR
from aegis_pipeline.graph.rows import entity_id, relation_id, sorted_pair
from aegis_pipeline.graph.store import Graph, GraphCounts

SOURCES_SHOWN = 3  # places shown of each row that was retrieved


async def counts(rag: LightRAG, contribution: BatchContribution, keys: Mapping[str, str]) -> GraphCounts:
    """What of ``contribution`` is in the store; an entity, edge or chunk counts when its vector is there too.

    ``keys`` maps things to the keys of their nodes.
    """
    documents = [document.document_id for document in contribution.documents]
    chunks = [chunk.id for document in contribution.documents for chunk in document.chunks]
    named = [keys[thing] for thing in contribution.names if thing in keys]
    stated = {pair for document in contribution.documents for pair in document.pairs}
    pairs = sorted({sorted_pair(keys[a], keys[b]) for a, b in stated if a in keys and b in keys})
    nodes, edges = await _entities(rag, sorted(named)), await _edges(rag, pairs)
    own, chunk_keys = set(documents), {make_relation_chunk_key(*pair): edge for pair, edge in edges.items()}
    return GraphCounts(
        documents=await _documents(rag, documents),
        chunks=len(await _chunks(rag, chunks)),
        entities=len(nodes),
        edges=len(edges),
        statements=sum(
            statement.document_id in own
            for edge in edges.values()
            for statement in statements.decode(edge.get(statements.PROPERTY))
        ),
        provenance=await _links(rag.entity_chunks, nodes, set(chunks))
        + await _links(rag.relation_chunks, chunk_keys, set(chunks)),
    )


async def rows(store: Any, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The rows that are there; some stores answer with nothing at all where none is."""
    found = await store.get_by_ids(ids) or [None] * len(ids)
    return {row_id: row for row_id, row in zip(ids, found, strict=True) if row}


async def _documents(rag: LightRAG, document_ids: list[str]) -> int:
    found = (await rows(rag.doc_status, document_ids)).items()
    processed = {document_id for document_id, row in found if row["status"] == DocStatus.PROCESSED}
    return len(processed - await rag.full_docs.filter_keys(processed))


async def _chunks(rag: LightRAG, chunk_ids: list[str]) -> set[str]:
    return (await rows(rag.text_chunks, chunk_ids)).keys() & (await rows(rag.chunks_vdb, chunk_ids)).keys()


async def _entities(rag: LightRAG, keys: list[str]) -> dict[str, dict[str, Any]]:
    nodes = await rag.chunk_entity_relation_graph.get_nodes_batch(keys)
    stored = await rows(rag.entities_vdb, [entity_id(key) for key in nodes])
    return {key: node for key, node in nodes.items() if entity_id(key) in stored}


async def _edges(rag: LightRAG, pairs: list[statements.Pair]) -> dict[statements.Pair, dict[str, Any]]:
    asked = [{"src": first, "tgt": second} for first, second in pairs]
    edges = await rag.chunk_entity_relation_graph.get_edges_batch(asked)
    stored = await rows(rag.relationships_vdb, [relation_id(pair) for pair in edges])
    return {pair: edge for pair, edge in edges.items() if relation_id(pair) in stored}


async def _links(store: Any, described: Mapping[str, dict[str, Any]], chunk_ids: set[str]) -> int:
    """The links to ``chunk_ids`` of nodes or edges: in the list that LightRAG deletes by, and in the row that it
    answers with, unless that has room for some of them only."""
    count = 0
    for row_id, row in (await rows(store, list(described))).items():
        properties, linked = described[row_id], chunk_ids.intersection(row["chunk_ids"])
        if not properties.get("truncate"):
            linked &= set((properties.get("source_id") or "").split(SEPARATOR))
        count += len(linked)
    return count


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
        row["sources"] = await _sources(rag, row["source_id"].split(SEPARATOR)[:SOURCES_SHOWN])
    for row in data.get("chunks", []):
        row["sources"] = await _sources(rag, [row["chunk_id"]])
    await _add_statements(rag, data.get("relationships", []))
    return data


async def _sources(rag: LightRAG, chunk_ids: list[str]) -> list[dict[str, Any]]:
    rows = await rag.text_chunks.get_by_ids(chunk_ids)
    return [{name: row["sidecar"][name] for name in ("path", "start", "end")} for row in rows if row]


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
