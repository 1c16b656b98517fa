"""Statements: directed, sorted, and free of any order."""

import json
from dataclasses import replace as changed

from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.graph.statements import Statement, decode, encode, statements_of
from aegis_pipeline.records import Relation, Span

RELATION = Relation("d", "d-chunk-000", "id-b", "id-a", "employer", "P108", 0.123456, Span(3, 9), "x/1", "B … A.")
KEYS = {"id-a": "A", "id-b": "B", "id-c": "C"}
WORDS = st.sampled_from(["", "a", "b", '"<SEP>\n'])
STATEMENTS = st.builds(
    Statement,
    document_id=WORDS,
    chunk_id=WORDS,
    start=st.integers(0, 2),
    end=st.integers(0, 2),
    head=WORDS,
    predicate=WORDS,
    tail=WORDS,
    pid=st.none() | WORDS,
    confidence=st.sampled_from([0.0, 0.5]),
    evidence=WORDS,
    extractor=WORDS,
)


def test_statements_keep_the_direction_under_an_undirected_pair() -> None:
    (statement,) = statements_of([RELATION], KEYS)["d"]
    assert statement.pair == ("A", "B")
    assert (statement.head, statement.predicate, statement.tail, statement.pid) == ("B", "employer", "A", "P108")
    assert (statement.start, statement.end, statement.evidence) == (3, 9, "B … A.")
    assert statement.confidence == 0.1235


def test_statements_both_directions_are_one_pair() -> None:
    back = changed(RELATION, head="id-a", tail="id-b", evidence=Span(12, 20))
    group = statements_of([back, RELATION, RELATION], KEYS)["d"]
    assert [statement.head for statement in group] == ["B", "A"]
    assert len({statement.pair for statement in group}) == 1


def test_statements_without_two_nodes_are_none() -> None:
    strange = [changed(RELATION, tail="id-number"), changed(RELATION, tail="id-b")]
    assert statements_of(strange, KEYS) == {}


def test_statements_take_other_keys() -> None:
    (old,) = statements_of([RELATION], KEYS)["d"]
    new = old.renamed({"A": "Z", "B": "B"})
    assert (new.head, new.tail, new.pair) == ("B", "Z", ("B", "Z"))
    assert decode(None) == decode("") == []


@given(st.lists(STATEMENTS, max_size=6), st.randoms())
def test_statements_encoding_knows_no_order(group: list[Statement], source: "st.random.Random") -> None:  # type: ignore[name-defined]
    shuffled = source.sample(group, len(group))
    assert encode(group) == encode([*shuffled, *group])
    assert set(decode(encode(group))) == set(group)
    assert json.loads(encode(group)) == sorted(json.loads(encode(group)), key=lambda s: s["document_id"])
