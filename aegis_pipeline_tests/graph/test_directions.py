"""Of two inverse or symmetric statements the graph has one, and ``aegis extract`` both."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import spacy

from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, contribute
from aegis_pipeline.graph.directions import in_one_direction
from aegis_pipeline.graph.query import question_keywords
from aegis_pipeline.graph.statements import Statement, decode
from aegis_pipeline.pipeline.extraction import Extraction
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.records import (
    Chunk,
    Document,
    Entity,
    EntityResult,
    MentionResult,
    Relation,
    RelationResult,
    Span,
)
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.worlds import entities_and_relations

SCHEMA = load_schema()
PART = Relation("doc-a", "a-0", "id-|EDSAC", "id-|Lyons", "part_of", "P361", 0.6, Span(0, 20), "test/1")
WHOLE = replace(PART, head=PART.tail, tail=PART.head, predicate="has_part", pid="P527", confidence=0.8)
THINGS = {"id-|EDSAC": "EDSAC", "id-|Lyons": "Lyons"}


def test_the_inverse_is_turned_and_the_surer_of_the_same_evidence_stays() -> None:
    assert in_one_direction([PART, WHOLE], THINGS, SCHEMA) == [replace(PART, confidence=0.8)]
    assert in_one_direction([WHOLE, PART], THINGS, SCHEMA) == [replace(PART, confidence=0.8)]


def test_each_evidence_stays() -> None:
    elsewhere = replace(WHOLE, evidence=Span(30, 40))
    assert in_one_direction([PART, elsewhere], THINGS, SCHEMA) == [
        PART,
        replace(PART, confidence=0.8, evidence=Span(30, 40)),
    ]


def test_a_symmetric_statement_begins_with_the_first_by_name() -> None:
    wed = replace(PART, head="id-|Lyons", tail="id-|EDSAC", predicate="spouse", pid="P26")
    kept = replace(wed, head="id-|EDSAC", tail="id-|Lyons")
    assert in_one_direction([wed, kept], THINGS, SCHEMA) == [kept]


def test_what_has_no_inverse_stays_as_it_is() -> None:
    author = replace(WHOLE, predicate="author", pid="P50")
    assert in_one_direction([author], THINGS, SCHEMA) == [author]


def test_a_predicate_of_another_schema_is_named() -> None:
    with pytest.raises(InputError, match="'likes'"):
        in_one_direction([replace(PART, predicate="likes")], THINGS, SCHEMA)


def world(*names: str) -> tuple[list[Document], list[Chunk], list[Entity], list[Relation]]:
    """Documents ``a`` and ``b`` of one sentence each: the first states ``part_of``, the second its inverse."""
    texts = {"a": "EDSAC belonged to Lyons.", "b": "Lyons had its EDSAC."}
    documents = [Document(f"doc-{name}", name, texts[name], "hash") for name in names]
    chunks = [Chunk(f"{d.path}-0", d.id, 0, span := Span(0, len(d.text)), d.text, (span,)) for d in documents]
    entities, relations = entities_and_relations(chunks)
    stated = {"doc-a": PART, "doc-b": WHOLE}
    return documents, chunks, entities, [_as(found, stated[found.document_id]) for found in relations]


def _as(found: Relation, said: Relation) -> Relation:
    return replace(
        found, head=said.head, tail=said.tail, predicate=said.predicate, pid=said.pid, confidence=said.confidence
    )


def contribution(*names: str) -> BatchContribution:
    return contribute("batch", *world(*names), SCHEMA)


def statements(store: EmbeddedGraphStore) -> Sequence[Statement]:
    (edge,) = store.graph().edges.values()
    return decode(edge["statements"])


def test_the_graph_keeps_one_direction_with_the_provenance_of_both(store: EmbeddedGraphStore) -> None:
    store.write(contribution("a", "b"))
    found = [(s.document_id, s.head, s.predicate, s.tail, s.pid, s.confidence) for s in statements(store)]
    assert found == [
        ("doc-a", "EDSAC", "part_of", "Lyons", "P361", 0.6),
        ("doc-b", "EDSAC", "part_of", "Lyons", "P361", 0.8),
    ]


@pytest.mark.parametrize("left", ["a", "b"])
def test_removing_a_document_leaves_the_others_statement(store: EmbeddedGraphStore, left: str) -> None:
    store.write(contribution("a", "b"))
    store.write(contribution(left))
    assert [(s.document_id, s.predicate) for s in statements(store)] == [(f"doc-{left}", "part_of")]


@pytest.mark.parametrize("stated", ["a", "b"])
def test_a_question_finds_it_by_the_words_of_either(store: EmbeddedGraphStore, stated: str) -> None:
    store.write(contribution(stated))
    (edge,) = store.graph().edges.values()
    for question, label in (("What belongs to Lyons?", "part of"), ("Lyons consists of what?", "has part")):
        assert label in question_keywords(spacy.blank("en"), SCHEMA, question).high
        assert label in edge["keywords"].split(",")


def test_extract_writes_both() -> None:
    documents, chunks, entities, relations = world("a")
    both = (*relations, *(_as(found, WHOLE) for found in relations))
    nothing = MentionResult((), ())
    found = Extraction(
        tuple(documents), tuple(chunks), nothing, EntityResult(tuple(entities), ()), RelationResult(both, ()), {}
    )
    (line,) = prediction_lines(found)
    assert [edge["predicate"] for edge in line["edges"]] == ["part_of", "has_part"]
