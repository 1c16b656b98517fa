"""The typed graph beside LightRAG's: one transaction writes both, and LightRAG sees nothing of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from lightrag.kg.neo4j_impl import Neo4JStorage
from lightrag.kg.shared_storage import initialize_share_data
from neo4j import AsyncManagedTransaction

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.neo4j import storage
from aegis_pipeline.graph.neo4j.storage import AegisNeo4jStorage
from aegis_pipeline.graph.update import Update
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.typed_graphs import TypedGraph, planned, typed_graph
from aegis_pipeline_tests.graph.worlds import batch, text
from aegis_pipeline_tests.servers.addresses import Neo4jServer

pytestmark = pytest.mark.neo4j
FILES = {f"{seed}.txt": text(seed) for seed in range(4)}
OPTIONS: dict[str, Any] = {"namespace": "chunk_entity_relation", "embedding_func": None}
GLOBAL = {"max_graph_nodes": 1000}


@pytest.fixture
async def graph(neo4j_server: Neo4jServer) -> AsyncIterator[TypedGraph]:
    initialize_share_data()
    async with typed_graph(neo4j_server) as opened:
        yield opened


@asynccontextmanager
async def stock(graph: TypedGraph, server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Neo4JStorage]:
    """LightRAG's storage as it comes."""
    for name in ("uri", "username", "password", "database"):
        monkeypatch.setenv(f"NEO4J_{name.upper()}", getattr(server, name))
    opened = Neo4JStorage(workspace=graph.workspace, global_config=GLOBAL, **OPTIONS)
    await opened.initialize()
    try:
        yield opened
    finally:
        await opened.finalize()


@asynccontextmanager
async def ours(graph: TypedGraph, server: Neo4jServer) -> AsyncIterator[AegisNeo4jStorage]:
    """Our storage, which writes both graphs."""
    opened = AegisNeo4jStorage(workspace=graph.workspace, global_config=GLOBAL, **OPTIONS)
    opened.configured = Settings(
        aegis_workspace=graph.workspace,
        neo4j_uri=server.uri,
        neo4j_username=server.username,
        neo4j_password=server.password,
        neo4j_database=server.database,
    )
    await opened.initialize()
    try:
        yield opened
    finally:
        await opened.finalize()


async def seen(lightrag: Neo4JStorage) -> dict[str, Any]:
    """Whatever LightRAG counts, lists and reads of a graph."""
    labels = await lightrag.get_all_labels()
    edges = sorted({tuple(sorted((edge["source"], edge["target"]))) for edge in await lightrag.get_all_edges()})
    whole = await lightrag.get_knowledge_graph("*", max_depth=3)
    parts = [await lightrag.get_knowledge_graph(label, max_depth=3) for label in labels]
    return {
        "labels": labels,
        "popular": await lightrag.get_popular_labels(),
        "search": [await lightrag.search_labels(label) for label in labels],
        "degrees": [await lightrag.node_degree(label) for label in labels],
        "degrees at once": await lightrag.node_degrees_batch(labels),
        "edge degrees": await lightrag.edge_degrees_batch(edges),
        "edges": edges,
        "edges of nodes": {label: sorted(await lightrag.get_node_edges(label) or ()) for label in labels},
        "edges of nodes at once": {
            label: sorted(found) for label, found in (await lightrag.get_nodes_edges_batch(labels)).items()
        },
        "all edges": len(await lightrag.get_all_edges()),
        "all nodes": sorted(await lightrag.get_all_nodes(), key=lambda node: str(node["entity_id"])),
        "graphs": [
            (
                sorted((node.labels[0], node.properties["description"]) for node in found.nodes),
                sorted((edge.type, edge.properties["statements"]) for edge in found.edges),
                found.is_truncated,
            )
            for found in (whole, *parts)
        ],
    }


@pytest.mark.filterwarnings("ignore:`id` is deprecated:DeprecationWarning")  # LightRAG's use of the driver
async def test_contract_lightrag_sees_nothing_of_the_typed_graph(
    graph: TypedGraph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = planned(Corpus(), Corpus({"b": batch("b", FILES)}))
    await graph.apply_lightrag(update)
    async with stock(graph, neo4j_server, monkeypatch) as lightrag:
        without = await seen(lightrag)
        await graph.apply(update)
        assert await seen(lightrag) == without
        typed = await graph.read()
    assert without["labels"] == sorted(properties["entity_id"] for _, properties in typed["entities"])
    assert sum(without["degrees"]) == 2 * len(without["edges"])
    assert len(typed["statements"]) >= len(without["edges"]) > 0


async def test_contract_dropping_lightrags_graph_leaves_the_typed_one(
    graph: TypedGraph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = planned(Corpus(), Corpus({"b": batch("b", FILES)}))
    await graph.apply_lightrag(update)
    await graph.apply(update)
    typed = await graph.read()
    async with stock(graph, neo4j_server, monkeypatch) as lightrag:
        await lightrag.drop()
        assert await lightrag.get_all_labels() == []
    assert await graph.read() == typed


async def test_both_graphs_are_written_in_one_transaction(
    graph: TypedGraph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails after the typed part was written takes both back; without the failure both are there."""

    async def failing(tx: AsyncManagedTransaction, workspace: str, update: Update) -> None:
        await write_typed(tx, workspace, update)
        raise GraphError("planted")

    write_typed = storage.write_typed
    update = planned(Corpus(), Corpus({"b": batch("b", FILES)}))
    async with ours(graph, neo4j_server) as opened:
        monkeypatch.setattr(storage, "write_typed", failing)
        with pytest.raises(GraphError, match="planted"):
            await opened.write(update)
        monkeypatch.undo()
        assert await opened.get_all_labels() == []
        assert not any((await graph.read()).values())
        await opened.write(update)
        typed = await graph.read()
        assert await opened.get_all_labels() == sorted(properties["entity_id"] for _, properties in typed["entities"])


async def test_failure_of_the_typed_part_takes_lightrags_part_back(
    graph: TypedGraph, neo4j_server: Neo4jServer
) -> None:
    """A statement whose entity somebody else has removed."""
    first = Corpus({"a": batch("a", {"x": "Lyons employs EDSAC."})})
    second = first.with_batch(batch("b", {"y": "Lyons employs Ferranti."}))
    async with ours(graph, neo4j_server) as opened:
        await opened.write(planned(Corpus(), first))
        update = planned(first, second)
        broken = dict(update.after["typed_documents"])
        broken["doc-b-y"] = {**broken["doc-b-y"], "mentions": [_mention("nobody")]}
        with pytest.raises(GraphError, match="1 of 1 relationships have an end that is not in Neo4j"):
            await opened.write(Update(update.before, {**update.after, "typed_documents": broken}))
        assert await opened.get_all_labels() == ["EDSAC", "Lyons"]


def _mention(entity: str) -> dict[str, Any]:
    return {"chunk": "doc-b-y-chunk-000", "start": 0, "end": 1, "entity": entity, "surface": "x"}
