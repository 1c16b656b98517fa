"""What of an answer becomes a relation, and under which reason the rest is counted."""

from typing import Any

import pytest

from aegis_pipeline.records import RelationInput, Span
from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.llm.reading import Read, Reader, find_quote
from aegis_pipeline.relations.llm.sections import section
from aegis_pipeline_tests.relations.llm.documents import document

DOCUMENT = document("a", 2)
GOOD = [1, "place_of_birth", 2, "born in Ulma0", 9]


def read(*items: Any, least: float = 0.0, read_from: RelationInput = DOCUMENT) -> Read:
    whole = section(read_from, read_from.chunks)
    return Reader(load_schema(), "test 1", least).read(read_from, [(whole, list(items))])


def test_a_statement_becomes_a_relation_with_the_sentence_of_its_quote() -> None:
    [relation] = read(GOOD).relations
    assert (relation.head, relation.predicate, relation.pid, relation.tail) == (
        "entity Anna0",
        "place_of_birth",
        "P19",
        "entity Ulma0",
    )
    assert (relation.confidence, relation.extractor, relation.chunk_id) == (0.9, "test 1", "a-0")
    assert (relation.evidence, relation.evidence_text) == (Span(0, 24), "Anna0 was born in Ulma0.")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ([9, "place_of_birth", 2, "born", 9], "unknown_id"),
        ([1, "place_of_birth", 5, "born", 9], "unknown_id"),
        ([1, "place_of_birth", "Ulma0", "born", 9], "wrong_shape"),
        ([1, "born_in", 2, "born", 9], "unknown_predicate"),
        ([2, "place_of_birth", 1, "born", 9], "head_type"),
        ([1, "place_of_birth", 3, "born", 9], "tail_type"),
        ([1, "father", 1, "born", 9], "self_relation"),
        ([1, "place_of_birth", 2, "died in", 9], "quote_not_in_text"),
        ([1, "place_of_birth", 2, " ", 9], "quote_not_in_text"),
        ([1, "place_of_birth", 2, "born", 11], "wrong_shape"),
        ([1, "place_of_birth", 2, "born", "9"], "wrong_shape"),
        ([1, "place_of_birth", 2, "born"], "wrong_shape"),
        ({"head": 1}, "wrong_shape"),
        (None, "wrong_shape"),
        ([1, "place_of_birth", 2, "born", 3], "low_confidence"),
        ([1, "place_of_birth", 2, "was born", 8], "duplicate"),
    ],
)
def test_what_is_wrong_is_counted_by_reason_and_costs_the_others_nothing(item: Any, reason: str) -> None:
    found = read(GOOD, item, least=0.5)
    assert [(rejection.reason, rejection.count) for rejection in found.rejected] == [(reason, 1)]
    assert [relation.confidence for relation in found.relations] == [0.9]


@pytest.mark.parametrize("quote", ["WAS  born\nin", "born in Ulma0. Anna1", "“Ulma1”".strip("“”")])
def test_quotes_may_differ_in_space_and_case(quote: str) -> None:
    assert find_quote(section(DOCUMENT, DOCUMENT.chunks), quote, ())


def test_quote_counts_where_both_ends_are_named() -> None:
    whole = section(DOCUMENT, DOCUMENT.chunks)
    [sentence] = find_quote(whole, "was born in", ("entity Anna1", "entity Ulma1")) or []
    assert sentence.chunk_id == "a-1"


def test_quote_of_another_section_is_none_of_this() -> None:
    assert find_quote(section(DOCUMENT, DOCUMENT.chunks[1:]), "Ulma0", ()) is None


def test_what_is_said_one_way_round_is_read_both_ways() -> None:
    found = read([1, "sibling", 3, "was born in", 7]).relations
    assert {(relation.head, relation.tail) for relation in found} == {
        ("entity Anna0", "entity Anna1"),
        ("entity Anna1", "entity Anna0"),
    }
    part = read([1, "part_of", 2, "was born in", 7]).relations
    assert {(relation.predicate, relation.head) for relation in part} == {
        ("part_of", "entity Anna0"),
        ("has_part", "entity Ulma0"),
    }
