"""Every fact of LightRAG's Neo4j and PostgreSQL storages that we build on; an upgrade says which it breaks."""

import inspect
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lightrag import LightRAG, QueryParam
from lightrag.exceptions import IndexFlushError
from lightrag.kg import STORAGE_IMPLEMENTATIONS, STORAGES
from lightrag.kg.neo4j_impl import Neo4JStorage
from lightrag.kg.postgres_impl import (
    TABLES,
    ClientManager,
    PGDocStatusStorage,
    PGKVStorage,
    PGVectorStorage,
    PostgreSQLDB,
)

from aegis_pipeline.graph.lightrag_adapter import base_options, closing
from aegis_pipeline.graph.neo4j.storage import connect
from aegis_pipeline.graph.postgres.database import Database
from aegis_pipeline.graph.servers.opening import open_servers, table_suffix
from aegis_pipeline.graph.statements import decode
from aegis_pipeline.records import QueryMode
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.reference import insert_by_lightrag, no_llm
from aegis_pipeline_tests.graph.served_worlds import run_cypher, run_sql, served, settings_of
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, plain
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer

pytestmark = [pytest.mark.neo4j, pytest.mark.postgres]
FILES = {"a.txt": "Lyons employs EDSAC. Ferranti founded Manchester.", "b.txt": "Lyons employs EDSAC in Cambridge."}
STOCK = {
    "graph_storage": "Neo4JStorage",
    "kv_storage": "PGKVStorage",
    "vector_storage": "PGVectorStorage",
    "doc_status_storage": "PGDocStatusStorage",
}


@pytest.fixture
def configured(
    workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """And the environment, which LightRAG as it comes takes its servers from."""
    for name, value in {**neo4j_server.environment(), **postgres_server.environment()}.items():
        monkeypatch.setenv(name, value)
    return settings_of(workspace, neo4j_server, postgres_server)


@asynccontextmanager
async def stock(configured: Settings, folder: Path, **options: Any) -> AsyncIterator[LightRAG]:
    """LightRAG as it comes, on the servers."""
    name = table_suffix(configured.encoder_model)
    given = base_options(folder, configured.aegis_workspace, ENCODER, 10, name) | STOCK | {"llm_model_func": no_llm}
    rag = LightRAG(**given | options)
    async with closing(rag, configured.aegis_workspace):
        yield rag


def _param(mode: QueryMode) -> QueryParam:
    return QueryParam(
        mode=mode.value, hl_keywords=["employer of EDSAC"], ll_keywords=["EDSAC"], top_k=5, enable_rerank=False
    )


async def test_server_contract_stock_reads_and_queries_in_every_mode(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        store.write(batch("b", FILES))
        ours = store.graph()
    async with stock(configured, tmp_path / "stock") as rag:
        graph = rag.chunk_entity_relation_graph
        assert {node["id"]: node for node in await graph.get_all_nodes()} == ours.nodes
        assert set(await graph.get_all_labels()) == ours.nodes.keys()
        assert await graph.search_labels("Lyon") == ["Lyons"]
        for mode in QueryMode:
            data = (await rag.aquery_data("Who employs EDSAC?", _param(mode)))["data"]
            assert "Lyons employs EDSAC in Cambridge." in {row["content"] for row in data["chunks"]}
            assert bool(data["entities"]) == bool(data["relationships"]) == (mode is not QueryMode.NAIVE)


async def test_server_contract_stock_deletes_one_of_ours(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        store.write(batch("b", FILES))
        store.write(batch("b", FILES))
        written = plain(store.graph())
    async with stock(configured, tmp_path / "stock") as rag:
        result = await rag.adelete_by_doc_id("doc-b-a.txt", delete_llm_cache=True)
        assert result.status == "success"
        graph = rag.chunk_entity_relation_graph
        assert set(await graph.get_all_labels()) == {"Lyons", "EDSAC", "Cambridge"}
        lyons = await graph.get_node("Lyons")
        assert lyons["source_id"] == "doc-b-b.txt-chunk-000"
        assert lyons["description"] == "Lyons employs EDSAC in Cambridge."
    with served(configured, tmp_path) as store:
        store.restore("b")
        assert plain(store.graph()) == written


async def _extract(prompt: str, *_: Any, **__: Any) -> str:
    """An LLM that finds two entities and a relation in the one document that it is given, in LightRAG's own format."""
    names = {"Alan Turing": "person", "Lyons": "organization"}
    entities = [{"name": n, "type": t, "description": "Alan Turing visited Lyons."} for n, t in names.items()]
    relation = {"source": "Alan Turing", "target": "Lyons", "keywords": "visit", "description": "He visited Lyons."}
    return json.dumps({"entities": entities, "relationships": [relation]})


async def test_server_contract_stock_adds_a_document_by_its_own_extraction(
    configured: Settings, tmp_path: Path
) -> None:
    contribution = batch("b", FILES)
    with served(configured, tmp_path) as store:
        store.write(contribution)
    in_json = {"entity_extraction_use_json": True, "entity_extract_max_gleaning": 0}
    async with stock(configured, tmp_path / "stock", llm_model_func=_extract, **in_json) as rag:
        await rag.ainsert(["Alan Turing visited Lyons."], ids=["theirs"], file_paths=["theirs.txt"])
        (status,) = await rag.doc_status.get_by_ids(["theirs"])
        assert status["status"] == "processed", status["error_msg"]
        graph = rag.chunk_entity_relation_graph
        assert await graph.has_edge("Alan Turing", "Lyons")
        lyons = await graph.get_node("Lyons")
        assert "doc-b-a.txt-chunk-000" in lyons["source_id"]
        assert lyons["name"] == "Lyons"  # ours, which it leaves alone
        ours = await graph.get_edge("Lyons", "EDSAC")
        assert [s.predicate for s in decode(ours["statements"])] == ["employer", "employer"]
        await rag.adelete_by_doc_id("theirs")
        assert not await graph.has_node("Alan Turing")


def chunks_of(row: Mapping[str, Any]) -> set[str]:
    """LightRAG merges documents at the same time, so the order of a row's chunks is that in which they came."""
    return set(row["source_id"].split("<SEP>"))


async def test_server_contract_stock_writes_the_same_rows(configured: Settings, tmp_path: Path) -> None:
    """LightRAG's own merge, into Neo4j, is the oracle of our bulk writing: nodes, edges, properties and types."""
    contribution = batch("b", {**FILES, "c/ü.txt": "Lyons founded Ferranti. Tom Kilburn employs Lyons.\n\nEDSAC. It."})
    with served(configured, tmp_path) as store:
        store.write(contribution)
        ours = store.graph()
    theirs = f"{configured.aegis_workspace}_theirs"
    await insert_by_lightrag(tmp_path, theirs, contribution, "Neo4JStorage")
    nodes = await run_cypher(configured, f"MATCH (n:`{theirs}`) RETURN labels(n) AS labels, properties(n) AS is")
    edges = await run_cypher(configured, f"MATCH (a:`{theirs}`)-[r]->(b) RETURN type(r) AS type, properties(r) AS is")
    assert {row["is"]["entity_id"] for row in nodes} == ours.nodes.keys()
    assert {tuple(row["labels"]) for row in nodes} == {(theirs,)}
    assert {row["type"] for row in edges} == {"DIRECTED"}
    assert len(edges) == len(ours.edges)
    own = {"name", "aliases", "statements", "id"}
    for row in nodes:
        node = ours.nodes[row["is"]["entity_id"]]
        assert {k: type(v) for k, v in row["is"].items()} == {k: type(v) for k, v in node.items() if k not in own}
        assert row["is"]["entity_type"] == node["entity_type"]
        assert chunks_of(row["is"]) == chunks_of(node)
    (edge,) = (edge for pair, edge in ours.edges.items() if pair == ("EDSAC", "Lyons"))
    (same,) = (row["is"] for row in edges if chunks_of(row["is"]) == chunks_of(edge))
    assert {k: type(v) for k, v in same.items()} == {k: type(v) for k, v in edge.items() if k not in own}
    assert same["weight"] == edge["weight"] == 2.0


async def test_server_contract_unknown_edge_ends_are_passed_over_by_neo4j(configured: Settings) -> None:
    """Why our writing counts the edges."""
    async with connect(configured) as driver:
        summary = await driver.execute_query(
            "UNWIND [1] AS row MATCH (a:`none` {entity_id: 'x'}) MERGE (a)-[r:DIRECTED]-(:`none`) "
            "RETURN count(r) AS found",
            database_=configured.neo4j_database,
        )
    assert summary.records[0]["found"] == 0


async def test_server_contract_stock_opens_beside_our_constraint(configured: Settings, tmp_path: Path) -> None:
    """Its own index for the same property is then neither needed nor made; where it came first, ours replaces it."""
    label = configured.aegis_workspace
    indexes = (
        "SHOW RANGE INDEXES YIELD labelsOrTypes AS labels, owningConstraint AS owner WHERE labels = [$l] RETURN owner"
    )
    async with stock(configured, tmp_path / "stock"):
        assert await run_cypher(configured, indexes, l=label) == [{"owner": None}]
    async with open_servers(configured, tmp_path, ENCODER):
        assert await run_cypher(configured, indexes, l=label) == [{"owner": f"{label}_entity_id"}]
    async with stock(configured, tmp_path / "stock") as rag:
        assert await run_cypher(configured, indexes, l=label) == [{"owner": f"{label}_entity_id"}]
        assert await rag.chunk_entity_relation_graph.get_all_labels() == []


async def test_server_contract_environment_does_not_reach_our_storages(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*os.environ,):
        if name.startswith(("NEO4J_", "POSTGRES_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NEO4J_WORKSPACE", "another")
    monkeypatch.setenv("POSTGRES_WORKSPACE", "another")
    with served(configured, tmp_path) as store:
        store.write(batch("b", FILES))
        assert len(store.graph().nodes) == 5
    label = configured.aegis_workspace
    assert len(await run_cypher(configured, f"MATCH (n:`{label}`) RETURN n")) == 5
    assert len(await run_sql(configured, "SELECT 1 FROM lightrag_doc_full WHERE workspace = $1", label)) == 2


async def test_server_contract_several_databases_in_one_process(configured: Settings) -> None:
    """LightRAG's own client is one for the process; ours is not that one."""
    first, second = Database(configured), Database(configured)
    for database in (first, second):
        async with database.preparing():
            pass
    assert ClientManager._instances["db"] is None
    await first.close()
    assert (await second.query("SELECT 1 AS one"))["one"] == 1
    await second.close()


async def test_server_contract_storages_take_a_database_that_is_set(configured: Settings, tmp_path: Path) -> None:
    for storage in (PGKVStorage, PGVectorStorage, PGDocStatusStorage):
        assert "if self.db is None" in inspect.getsource(storage.initialize)
    async with open_servers(configured, tmp_path, ENCODER) as opened:
        storages = opened.rag._index_storages()
        assert sum(getattr(s, "db", None) is opened.database for s in storages) == 11
        assert sum(isinstance(s, Neo4JStorage) for s in storages) == 1


async def test_server_contract_a_transaction_is_all_or_nothing(configured: Settings, tmp_path: Path) -> None:
    """All of a storage's statements run through one method, which gives them a connection."""
    assert list(inspect.signature(PostgreSQLDB._run_with_retry).parameters)[:2] == ["self", "operation"]
    row = {"content": "x", "file_path": "x"}
    async with open_servers(configured, tmp_path, ENCODER) as opened:

        async def work() -> None:
            async with opened.transaction():
                await opened.rag.full_docs.upsert({"doc": row})
                assert await opened.rag.full_docs.get_by_id("doc")
                raise RuntimeError("stop")

        with pytest.raises(RuntimeError, match="stop"):
            await work()
        assert await opened.rag.full_docs.get_by_id("doc") is None


async def test_server_contract_flush_failures_carry_their_cause() -> None:
    error = IndexFlushError("PGVectorStorage", "chunks", OSError("gone"))
    assert "gone" in str(error)
    assert "raise IndexFlushError(type(storage_inst).__name__, namespace, e) from e" in inspect.getsource(
        LightRAG._flush_storages
    )


async def test_server_contract_columns(configured: Settings, tmp_path: Path) -> None:
    """What LightRAG's tables keep: chunks have no field of ours but in ``sidecar``, ids have 255 characters."""
    assert set(STORAGE_IMPLEMENTATIONS) >= {"KV_STORAGE", "VECTOR_STORAGE", "GRAPH_STORAGE", "DOC_STATUS_STORAGE"}
    assert STORAGES["Neo4JStorage"]
    for table in ("LIGHTRAG_DOC_FULL", "LIGHTRAG_DOC_CHUNKS", "LIGHTRAG_DOC_STATUS"):
        assert "id VARCHAR(255)" in TABLES[table]["ddl"].replace("varchar(255) NOT NULL", "VARCHAR(255)")
    place = {"path": "ü/x.txt", "start": 3, "end": 9}
    chunk = {"tokens": 1, "chunk_order_index": 0, "full_doc_id": "d", "content": "c", "file_path": "f"}
    async with open_servers(configured, tmp_path, ENCODER) as opened:
        await opened.rag.text_chunks.upsert({"chunk": {**chunk, "sidecar": place, "own": 1}})
        (row,) = await opened.rag.text_chunks.get_by_ids(["chunk"])
    assert row["sidecar"] == place
    assert "own" not in row
    columns = "SELECT character_maximum_length AS n FROM information_schema.columns"
    length = f"{columns} WHERE table_name = $1 AND column_name = $2"
    for table, column in (("lightrag_relation_chunks", "id"), ("lightrag_doc_full", "doc_name")):
        assert [row["n"] for row in await run_sql(configured, length, table, column)] == [None]


async def test_server_contract_tables_of_vectors_are_named_by_the_encoder(configured: Settings, tmp_path: Path) -> None:
    assert table_suffix("sentence-transformers/all-MiniLM-L6-v2") == "all_minilm_l6_v2"
    assert len(table_suffix("/models/" + "x" * 90)) == 30
    async with open_servers(configured, tmp_path, ENCODER) as opened:
        longest = opened.rag.relationships_vdb.table_name
        assert longest == "LIGHTRAG_VDB_RELATION_all_minilm_l6_v2_384d"
    async with stock(configured, tmp_path / "stock") as rag:
        assert rag.relationships_vdb.table_name == longest


async def test_server_contract_rows_of_nothing(configured: Settings, tmp_path: Path) -> None:
    """PostgreSQL's statuses and vectors answer with nothing at all, where others answer with a None for each id."""
    async with open_servers(configured, tmp_path, ENCODER) as opened:
        assert await opened.rag.doc_status.get_by_ids(["x"]) == []
        assert await opened.rag.chunks_vdb.get_by_ids(["x"]) == [None]
        assert await opened.rag.text_chunks.get_by_ids(["x"]) == [None]
        assert await opened.rag.full_docs.filter_keys({"x"}) == {"x"}


async def test_server_contract_edges_come_twice(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        store.write(batch("b", {"a": "Lyons employs EDSAC."}))
        graph = plain(store.graph())
    async with stock(configured, tmp_path / "stock") as rag:
        edges = await rag.chunk_entity_relation_graph.get_all_edges()
        assert len(edges) == 2 * len(graph[1]) == 2
        assert json.loads(edges[0]["statements"])[0]["predicate"] == "employer"
