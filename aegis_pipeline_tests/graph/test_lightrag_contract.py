"""Every fact of the installed LightRAG that ``aegis_pipeline/graph`` builds on; an upgrade says which it breaks."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from lightrag import QueryParam
from lightrag.base import DocStatus
from lightrag.constants import (
    DEFAULT_ENTITY_NAME_MAX_BYTES,
    DEFAULT_ENTITY_NAME_MAX_LENGTH,
    DEFAULT_MAX_FILE_PATHS,
    DEFAULT_MAX_SOURCE_IDS_PER_ENTITY,
    GRAPH_FIELD_SEP,
)
from lightrag.kg import shared_storage
from lightrag.kg.nano_vector_db_impl import NanoVectorDBStorage
from lightrag.operate import _RESERVED_ENTITY_TYPES, _process_json_extraction_result
from lightrag.utils import (
    make_relation_chunk_key,
    make_relation_vdb_ids,
    normalize_entity_name,
    sanitize_and_normalize_extracted_text,
)

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.entities import graph_key, keys
from aegis_pipeline.graph import EmbeddedGraphStore, map_to_lightrag_format
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.descriptions import SEPARATOR
from aegis_pipeline.graph.graphml import read_graphml, write_graphml
from aegis_pipeline.graph.lightrag_adapter import open_lightrag
from aegis_pipeline.graph.update import plan
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline_tests.graph.reference import insert_by_lightrag, stock, stored
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, batch, entities_and_relations, text

FILES = {"a.txt": "Lyons employs EDSAC. Ferranti founded Manchester.", "b.txt": "Lyons employs EDSAC in Cambridge."}


def test_contract_constants() -> None:
    assert GRAPH_FIELD_SEP == SEPARATOR
    assert (DEFAULT_MAX_SOURCE_IDS_PER_ENTITY, DEFAULT_MAX_FILE_PATHS) == (200, 75)
    assert (DEFAULT_ENTITY_NAME_MAX_LENGTH, DEFAULT_ENTITY_NAME_MAX_BYTES) == (
        keys.KEY_MAX_CHARACTERS,
        keys.KEY_MAX_BYTES,
    )
    assert DocStatus.PROCESSED == "processed"
    assert make_relation_chunk_key("Lyons", "EDSAC") == make_relation_chunk_key("EDSAC", "Lyons")
    assert make_relation_vdb_ids("Lyons", "EDSAC")[0] == make_relation_vdb_ids("EDSAC", "Lyons")[0]
    assert "__proto__" in _RESERVED_ENTITY_TYPES
    assert sanitize_and_normalize_extracted_text("42") == ""


async def test_contract_parsed_extraction() -> None:
    assert list(inspect.signature(_process_json_extraction_result).parameters)[:4] == [
        "result",
        "chunk_key",
        "timestamp",
        "file_path",
    ]
    said = {
        "entities": [{"name": "A", "type": "thing", "description": "A is."}],
        "relationships": [{"source": "A", "target": "B", "keywords": "k", "description": "A has B."}],
    }
    nodes, edges = await _process_json_extraction_result(json.dumps(said), "chunk", 7, "file")
    common = {"source_id": "chunk", "file_path": "file", "timestamp": 7}
    assert nodes == {"A": [{"entity_name": "A", "entity_type": "thing", "description": "A is.", **common}]}
    edge = {"src_id": "A", "tgt_id": "B", "weight": 1.0, "description": "A has B.", "keywords": "k", **common}
    assert edges == {("A", "B"): [edge]}


# What LightRAG's rows have and ours do not: nothing reads it without its pipeline.
_ONLY_THEIRS = {
    "kv_store_full_docs": {"parse_format", "content_hash", "chunk_options"},
    "kv_store_doc_status": {"track_id", "content_hash"},
}
_ONLY_OURS = {"nodes": {"name", "aliases"}, "edges": {"statements"}}
_TIMES = {"create_time", "update_time", "created_at", "updated_at", "__created_at__", "__write_seq__"}
_UNORDERED = {"description", "source_id", "file_path", "content", "keywords"}


def _comparable(row: dict[str, Any], without: set[str]) -> dict[str, Any]:
    """A row without times; what LightRAG joins in the order of arrival, and lists, in one order."""
    found = {name: value for name, value in row.items() if name not in _TIMES | without | {"vector", "metadata"}}
    for name, value in found.items():
        if name in _UNORDERED:
            found[name] = sorted(re.split("<SEP>|[,\\t\\n]", value))
        if isinstance(value, list):
            found[name] = sorted(value)
    return found


async def test_contract_rows_are_those_of_lightrags_own_pipeline(store: EmbeddedGraphStore, tmp_path: Path) -> None:
    contribution = batch("b", {**FILES, "c/ü.txt": "Lyons founded Ferranti. Tom Kilburn employs Lyons.\n\nEDSAC. It."})
    ours = stored(Path(store.write(contribution).location))
    await insert_by_lightrag(tmp_path, "theirs", contribution)
    theirs = stored(tmp_path / "theirs")
    assert ours.keys() == theirs.keys()
    for name in sorted(ours):
        only_theirs, only_ours = _ONLY_THEIRS.get(name, set()), _ONLY_OURS.get(name, set())
        assert {key: _comparable(row, only_ours) for key, row in ours[name].items()} == {
            key: _comparable(row, only_theirs) for key, row in theirs[name].items()
        }, name


async def test_contract_vectors_get_all_that_the_merge_hands_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also fields that this vector store does not keep, for another store may."""
    handed: dict[str, dict[str, Any]] = {}
    upsert = NanoVectorDBStorage.upsert

    async def spy(self: Any, data: dict[str, dict[str, Any]]) -> None:
        handed.update(data)
        await upsert(self, data)

    monkeypatch.setattr(NanoVectorDBStorage, "upsert", spy)
    contribution = batch("b", {"a.txt": "Lyons employs EDSAC."})
    await insert_by_lightrag(tmp_path, "theirs", contribution)
    update = plan(Corpus(), Corpus({"b": contribution}), len, 256)
    for name in ("entities_vdb", "relationships_vdb"):
        for row_id, row in update.written(name).items():
            assert row.keys() == handed[row_id].keys()


async def test_contract_storages_read_what_lightrag_wrote(tmp_path: Path) -> None:
    contribution = batch("b", FILES)
    await insert_by_lightrag(tmp_path, "theirs", contribution)
    theirs = stored(tmp_path / "theirs")
    async with open_lightrag(tmp_path, "theirs", ENCODER, 10) as rag:
        nodes = {node.pop("id"): node for node in await rag.chunk_entity_relation_graph.get_all_nodes()}
        assert nodes == theirs["nodes"]
        (row,) = await rag.full_docs.get_by_ids(["doc-b-a.txt"])
        assert row == theirs["kv_store_full_docs"]["doc-b-a.txt"]
        ids = sorted(theirs["vdb_entities"])
        assert [found["id"] for found in await rag.entities_vdb.get_by_ids(ids)] == ids


@pytest.mark.parametrize("value", ["", " a ", "a\rb\r\nc\td", "<&>\"'", "ü 北京 👩", 1, 1.5, 10**12, True])
def test_contract_graphml_is_read_as_networkx_reads_it(tmp_path: Path, value: object) -> None:
    path, graph = tmp_path / "g", nx.Graph()
    graph.add_node('a"\n<', value=value)
    graph.add_edge('a"\n<', "b", **{"the <value>": value})
    write_graphml(graph, path)
    for found in (nx.read_graphml(path), read_graphml(path)):
        assert dict(found.nodes(data=True)) == dict(graph.nodes(data=True))
        assert list(found.edges(data=True)) == list(graph.edges(data=True))
    nx.write_graphml(graph, path)
    assert dict(read_graphml(path).nodes(data=True)) == dict(graph.nodes(data=True))


async def test_contract_flush_hooks(tmp_path: Path) -> None:
    async with open_lightrag(tmp_path, "contract", ENCODER, 10) as rag:
        assert rag.chunk_entity_relation_graph in rag._index_storages()
        assert len(rag._index_storages()) == 12
        assert all(inspect.iscoroutinefunction(store.index_done_callback) for store in rag._index_storages())
        assert inspect.iscoroutinefunction(rag._insert_done)


async def test_contract_forgotten_workspace_is_read_from_disk(tmp_path: Path) -> None:
    await insert_by_lightrag(tmp_path, "contract", batch("b", FILES))
    held = [
        key
        for name in ("_shared_dicts", "_init_flags", "_update_flags", "_namespace_data_cache")
        for key in getattr(shared_storage, name) or ()
        if "contract" in key
    ]
    assert held == []
    (tmp_path / "contract" / "kv_store_full_docs.json").write_text("{}")
    async with open_lightrag(tmp_path, "contract", ENCODER, 10) as rag:
        assert await rag.full_docs.get_by_id("doc-b-a.txt") is None
        assert await rag.chunk_entity_relation_graph.has_node("Lyons")


def test_contract_registries_hold_a_workspace_by_prefix() -> None:
    for name in ("_shared_dicts", "_init_flags", "_update_flags", "_namespace_data_cache"):
        assert hasattr(shared_storage, name)
    assert shared_storage.get_final_namespace("full_docs", "w") == "w:full_docs"


@pytest.mark.parametrize("name", ['The "A"', "<p>Para</p>", "ＡＢＣ", "北京 大学", "x" * 600, "'quoted'", "a &amp; b"])
def test_contract_graph_keys_are_left_alone(name: str) -> None:
    key = graph_key(name)
    assert key
    assert normalize_entity_name(key) == key


def _param(mode: QueryMode, high: str = "employer of EDSAC") -> QueryParam:
    return QueryParam(mode=mode.value, hl_keywords=[high], ll_keywords=["EDSAC"], top_k=5, enable_rerank=False)


async def test_contract_stock_lightrag_reads_queries_and_deletes(store: EmbeddedGraphStore) -> None:
    location = Path(store.write(batch("b", FILES)).location)
    async with stock(location.parent, location.name) as rag:
        for mode in QueryMode:
            data = (await rag.aquery_data("Who employs EDSAC?", _param(mode)))["data"]
            assert "Lyons employs EDSAC in Cambridge." in {row["content"] for row in data["chunks"]}
            assert bool(data["entities"]) == bool(data["relationships"]) == (mode is not QueryMode.NAIVE)
        result = await rag.adelete_by_doc_id("doc-b-a.txt", delete_llm_cache=True)
        assert result.status == "success"
        graph = rag.chunk_entity_relation_graph
        assert set(await graph.get_all_labels()) == {"Lyons", "EDSAC", "Cambridge"}
        lyons = await graph.get_node("Lyons")
        assert lyons["source_id"] == "doc-b-b.txt-chunk-000"
        assert lyons["description"] == "Lyons employs EDSAC in Cambridge."


async def test_contract_custom_graph_keeps_entities_relations_and_chunks(tmp_path: Path) -> None:
    """An earlier pipeline lost every relation here: it wrote them under a key that LightRAG does not read."""
    documents = [Document(f"doc-{n}", n, text(seed), "h") for n, seed in (("a", 1), ("b", 2))]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks)
    rows = map_to_lightrag_format(entities, relations, chunks=chunks)
    async with stock(tmp_path, "custom") as rag:
        await rag.ainsert_custom_kg(rows)
        graph = rag.chunk_entity_relation_graph
        assert set(await graph.get_all_labels()) == {entity.key for entity in entities} <= TYPES.keys()
        edges = {tuple(sorted((edge["source"], edge["target"]))) for edge in await graph.get_all_edges()}
        assert edges == {tuple(sorted((row["src_id"], row["tgt_id"]))) for row in rows["relationships"]}
        asked = _param(QueryMode.MIX, rows["relationships"][0]["keywords"])
        data = (await rag.aquery_data("What does EDSAC contain?", asked))["data"]
        assert data["entities"]
        assert data["relationships"]
        assert {row["content"] for row in data["chunks"]} <= {chunk.text for chunk in chunks}
