"""Our records in LightRAG's words."""

from dataclasses import replace

import pytest

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.graph import map_to_lightrag_format
from aegis_pipeline.graph.mapping import graph_type
from aegis_pipeline.records import Chunk, Document, Entity, Relation
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.worlds import ENCODER, entities_and_relations


def _records(text: str) -> tuple[list[Chunk], list[Entity], list[Relation]]:
    chunks = chunk_documents([Document("d", "d.txt", text, "h")], ENCODER.count_tokens, 256)
    return chunks, *entities_and_relations(chunks)


def test_mapping_rows_have_the_keys_of_a_custom_graph() -> None:
    chunks, entities, relations = _records("Lyons employs EDSAC.")
    rows = map_to_lightrag_format(entities, relations, chunks=chunks, file_paths={"d": "shown"})
    common = {"source_id": "d-chunk-000", "file_path": "shown"}
    assert rows["chunks"] == [{"content": "Lyons employs EDSAC.", "chunk_order_index": 0, **common}]
    assert rows["entities"][0] == {
        "entity_name": "EDSAC",
        "entity_type": "product",
        "description": "Lyons employs EDSAC.",
        **common,
    }
    employer = load_schema()["employer"]
    assert rows["relationships"] == [
        {
            "src_id": "EDSAC",
            "tgt_id": "Lyons",
            "description": "Lyons employs EDSAC.",
            "keywords": ",".join(dict.fromkeys((employer.label, *employer.synonyms))),
            "weight": 1.0,
            **common,
        }
    ]


def test_mapping_file_path_defaults_to_the_document() -> None:
    _, entities, relations = _records("Lyons employs EDSAC.")
    rows = map_to_lightrag_format(entities, relations)
    assert {row["file_path"] for row in (*rows["entities"], *rows["relationships"])} == {"d"}
    assert rows["chunks"] == []


def test_mapping_leaves_out_what_is_no_node_and_what_touches_it() -> None:
    _, entities, relations = _records("Lyons employs EDSAC. Lyons founded Ferranti.")
    hidden = [replace(entity, is_node=entity.name != "EDSAC") for entity in entities]
    rows = map_to_lightrag_format(hidden, relations)
    assert {row["entity_name"] for row in rows["entities"]} == {"Lyons", "Ferranti"}
    assert [(row["src_id"], row["tgt_id"]) for row in rows["relationships"]] == [("Ferranti", "Lyons")]


def test_mapping_drops_loops_and_unknown_ends() -> None:
    _, entities, (relation,) = _records("Lyons employs EDSAC.")
    loops = [replace(relation, tail=relation.head), replace(relation, tail="id-nobody")]
    assert map_to_lightrag_format(entities, loops)["relationships"] == []


def test_mapping_one_row_a_chunk_and_pair_names_every_predicate() -> None:
    _, entities, relations = _records("Lyons employs EDSAC. EDSAC founded Lyons.")
    (row,) = map_to_lightrag_format(entities, relations)["relationships"]
    assert row["description"] == "Lyons employs EDSAC. EDSAC founded Lyons."
    assert {load_schema()[key].label for key in ("employer", "founded_by")} <= set(row["keywords"].split(","))


def test_mapping_one_row_a_distinct_sentence() -> None:
    _, entities, _ = _records("Lyons employs EDSAC. EDSAC founded Lyons.")
    doubled = [replace(entity, mentions=entity.mentions * 2) for entity in entities]
    assert len(map_to_lightrag_format(doubled, [])["entities"]) == 4


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("person", "person"),
        ("Cell Line", "cellline"),
        ("R&D / lab", "rdlab"),
        ("it's (a)", "itsa"),
        ("__proto__", "other"),
        ("Constructor", "other"),
        ("", "other"),
        ("…", "other"),
        ("Straße", "straße"),
    ],
)
def test_mapping_graph_type(given: str, kept: str) -> None:
    assert graph_type(given) == kept
