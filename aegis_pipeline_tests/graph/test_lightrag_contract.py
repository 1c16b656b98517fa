"""Every fact of the installed LightRAG that ``aegis_pipeline/graph`` builds on; an upgrade says which it breaks."""

import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lightrag import LightRAG, QueryParam
from lightrag.base import DocStatus
from lightrag.constants import (
    DEFAULT_ENTITY_NAME_MAX_BYTES,
    DEFAULT_ENTITY_NAME_MAX_LENGTH,
    DEFAULT_MAX_FILE_PATHS,
    DEFAULT_MAX_SOURCE_IDS_PER_ENTITY,
    GRAPH_FIELD_SEP,
)
from lightrag.kg import shared_storage
from lightrag.operate import _RESERVED_ENTITY_TYPES, _process_json_extraction_result
from lightrag.utils import (
    compute_mdhash_id,
    make_relation_chunk_key,
    make_relation_vdb_ids,
    normalize_entity_name,
    sanitize_and_normalize_extracted_text,
)

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.entities import graph_key, keys
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, map_to_lightrag_format
from aegis_pipeline.graph.descriptions import SEPARATOR
from aegis_pipeline.graph.finish import _entity_vector, _relation_vector
from aegis_pipeline.graph.lightrag_adapter import AegisLightRAG, base_options, closing, open_lightrag
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, batch, entities_and_relations, file_path, text

FILES = {"a.txt": "Lyons employs EDSAC. Ferranti founded Manchester.", "b.txt": "Lyons employs EDSAC in Cambridge."}


@asynccontextmanager
async def _inserted(root: Path, contribution: BatchContribution) -> AsyncIterator[AegisLightRAG]:
    """A graph right after LightRAG's own merge: ``finish`` has not run."""
    async with open_lightrag(root, "contract", ENCODER, 10) as rag, rag.one_flush():
        await rag.insert_contributions(contribution.documents)
        yield rag


async def _vectors(storage: Any) -> dict[str, dict[str, Any]]:
    """Every row of a vector store; what is only buffered is written first."""
    await type(storage).index_done_callback(storage)
    client = await storage._get_client()
    return {row["__id__"]: row for row in client._NanoVectorDB__storage["data"]}


def test_contract_constants() -> None:
    assert GRAPH_FIELD_SEP == SEPARATOR
    assert (DEFAULT_MAX_SOURCE_IDS_PER_ENTITY, DEFAULT_MAX_FILE_PATHS) == (200, 75)
    assert (DEFAULT_ENTITY_NAME_MAX_LENGTH, DEFAULT_ENTITY_NAME_MAX_BYTES) == (
        keys.KEY_MAX_CHARACTERS,
        keys.KEY_MAX_BYTES,
    )
    assert DocStatus.PROCESSED == "processed"
    assert "__proto__" in _RESERVED_ENTITY_TYPES
    assert sanitize_and_normalize_extracted_text("42") == ""


def test_contract_overridden_method_has_the_parameters_that_we_take() -> None:
    names = list(inspect.signature(LightRAG._process_extract_entities).parameters)
    assert names[:4] == ["self", "chunk", "pipeline_status", "pipeline_status_lock"]
    assert inspect.iscoroutinefunction(LightRAG._process_extract_entities)


async def test_contract_pipeline_calls_our_method_and_chunker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extractions: list[dict[str, Any]] = []
    chunkings: list[tuple[Any, ...]] = []
    ours = AegisLightRAG._process_extract_entities
    chunker = AegisLightRAG.chunk_rows

    async def extract(self: AegisLightRAG, chunk: dict[str, Any], *rest: Any, **named: Any) -> Any:
        extractions.append(chunk)
        return await ours(self, chunk, *rest, **named)

    def chunk(self: AegisLightRAG, *arguments: Any) -> Any:
        chunkings.append(arguments)
        return chunker(self, *arguments)

    monkeypatch.setattr(AegisLightRAG, "_process_extract_entities", extract)
    monkeypatch.setattr(AegisLightRAG, "chunk_rows", chunk)
    contribution = batch("b", {"dir/a.txt": "Lyons employs EDSAC."})
    async with _inserted(tmp_path, contribution) as rag:
        stored = await rag.text_chunks.get_by_id("doc-b-dir/a.txt-chunk-000")
    ((row_id, row),) = [item for found in extractions for item in found.items()]
    assert row_id == "doc-b-dir/a.txt-chunk-000"
    assert row["file_path"] == file_path("b", "dir/a.txt")
    assert [len(arguments) for arguments in chunkings] == [6]
    assert (stored["path"], stored["start"], stored["end"]) == ("dir/a.txt", 0, 20)
    assert (stored["content"], stored["full_doc_id"]) == ("Lyons employs EDSAC.", "doc-b-dir/a.txt")
    assert len(stored["llm_cache_list"]) == 1


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


async def test_contract_tracking_rows(tmp_path: Path) -> None:
    async with _inserted(tmp_path, batch("b", FILES)) as rag:
        relations = await rag.full_relations.get_by_id("doc-b-a.txt")
        of_entity = await rag.entity_chunks.get_by_id("Lyons")
        of_pair = await rag.relation_chunks.get_by_id(make_relation_chunk_key("Lyons", "EDSAC"))
        status = await rag.doc_status.get_by_id("doc-b-a.txt")
    assert {tuple(sorted(pair)) for pair in relations["relation_pairs"]} == {
        ("EDSAC", "Lyons"),
        ("Ferranti", "Manchester"),
    }
    chunks = ["doc-b-a.txt-chunk-000", "doc-b-b.txt-chunk-000"]
    assert sorted(of_entity["chunk_ids"]) == sorted(of_pair["chunk_ids"]) == chunks
    assert status["status"] == DocStatus.PROCESSED
    assert make_relation_chunk_key("Lyons", "EDSAC") == make_relation_chunk_key("EDSAC", "Lyons")
    assert make_relation_vdb_ids("Lyons", "EDSAC")[0] == make_relation_vdb_ids("EDSAC", "Lyons")[0]


async def test_contract_our_vector_rows_are_those_of_the_merge(tmp_path: Path) -> None:
    contribution = batch("b", {"a.txt": "Lyons employs EDSAC."})
    async with _inserted(tmp_path, contribution) as rag:
        graph = rag.chunk_entity_relation_graph
        node, edge = await graph.get_node("Lyons"), await graph.get_edge("EDSAC", "Lyons")
        entity = (await _vectors(rag.entities_vdb))[compute_mdhash_id("Lyons", prefix="ent-")]
        relation = (await _vectors(rag.relationships_vdb))[make_relation_vdb_ids("EDSAC", "Lyons")[0]]
    stored = rag.entities_vdb.meta_fields, rag.relationships_vdb.meta_fields
    for row, ours, fields in (
        (entity, _entity_vector("Lyons", node), stored[0]),
        (relation, _relation_vector(("EDSAC", "Lyons"), edge), stored[1]),
    ):
        theirs = {name: value for name, value in row.items() if not name.startswith("__") and name != "vector"}
        assert {name: value for name, value in ours.items() if name in fields} == theirs


async def test_contract_merge_hands_the_vectors_all_that_we_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also fields that this vector store does not keep, for another store may."""
    from lightrag.kg.nano_vector_db_impl import NanoVectorDBStorage

    handed: dict[str, dict[str, Any]] = {}
    upsert = NanoVectorDBStorage.upsert

    async def spy(self: Any, data: dict[str, dict[str, Any]]) -> None:
        handed.update(data)
        await upsert(self, data)

    monkeypatch.setattr(NanoVectorDBStorage, "upsert", spy)
    async with _inserted(tmp_path, batch("b", {"a.txt": "Lyons employs EDSAC."})) as rag:
        graph = rag.chunk_entity_relation_graph
        node, edge = await graph.get_node("Lyons"), await graph.get_edge("EDSAC", "Lyons")
    assert handed[compute_mdhash_id("Lyons", prefix="ent-")] == _entity_vector("Lyons", node)
    assert handed[make_relation_vdb_ids("EDSAC", "Lyons")[0]] == _relation_vector(("EDSAC", "Lyons"), edge)


async def test_contract_flush_and_duplicate_hooks(tmp_path: Path) -> None:
    async with open_lightrag(tmp_path, "contract", ENCODER, 10) as rag:
        assert rag.chunk_entity_relation_graph in rag._index_storages()
        assert len(rag._index_storages()) == 12
        assert all(inspect.iscoroutinefunction(store.index_done_callback) for store in rag._index_storages())
        assert inspect.iscoroutinefunction(rag._insert_done)
        assert inspect.iscoroutinefunction(rag.doc_status.get_doc_by_content_hash)


async def test_contract_forgotten_workspace_is_read_from_disk(tmp_path: Path) -> None:
    async with _inserted(tmp_path, batch("b", FILES)):
        pass
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


@asynccontextmanager
async def _stock(root: Path, workspace: str) -> AsyncIterator[LightRAG]:
    async def no_llm(*_: Any, **__: Any) -> str:
        raise AssertionError("an LLM was asked")

    rag = LightRAG(**base_options(root, workspace, ENCODER, 10), llm_model_func=no_llm)
    async with closing(rag, workspace):
        yield rag


def _param(mode: QueryMode) -> QueryParam:
    return QueryParam(
        mode=mode.value, hl_keywords=["employer of EDSAC"], ll_keywords=["EDSAC"], top_k=5, enable_rerank=False
    )


async def test_contract_stock_lightrag_reads_queries_and_deletes(store: EmbeddedGraphStore) -> None:
    location = Path(store.write(batch("b", FILES)).location)
    async with _stock(location.parent, location.name) as rag:
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
    async with _stock(tmp_path, "custom") as rag:
        await rag.ainsert_custom_kg(rows)
        graph = rag.chunk_entity_relation_graph
        assert set(await graph.get_all_labels()) == {entity.key for entity in entities} <= TYPES.keys()
        edges = {tuple(sorted((edge["source"], edge["target"]))) for edge in await graph.get_all_edges()}
        assert edges == {tuple(sorted((row["src_id"], row["tgt_id"]))) for row in rows["relationships"]}
        data = (await rag.aquery_data("Who employs EDSAC?", _param(QueryMode.MIX)))["data"]
        assert data["entities"]
        assert data["relationships"]
        assert {row["content"] for row in data["chunks"]} <= {chunk.text for chunk in chunks}
