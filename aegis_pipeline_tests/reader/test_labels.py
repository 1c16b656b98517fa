import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.reader.labels import LABELS, MARKS, TYPES, begin_mark, from_marks, inside_mark, kind_of, to_marks


def test_marks_say_begin_and_inside_of_each_type() -> None:
    per, loc = TYPES.index("PER"), TYPES.index("LOC")
    assert to_marks([(1, 3, per), (3, 4, loc)], 5) == [0, begin_mark(per), inside_mark(per), begin_mark(loc), 0]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, len(TYPES) - 1)), max_size=6))
def test_spans_survive_the_way_through_marks(steps: list[tuple[int, int, int]]) -> None:
    spans, at = [], 0
    for gap, length, kind in steps:
        spans.append((at + gap, at + gap + length, kind))
        at += gap + length
    assert from_marks(to_marks(spans, at + 1)) == spans


def test_an_inside_that_continues_nothing_begins_a_name() -> None:
    assert from_marks([inside_mark(0), inside_mark(0), inside_mark(2), 0]) == [(0, 2, 0), (2, 3, 2)]


def test_every_mark_is_counted() -> None:
    marks = {mark(kind) for kind in range(len(TYPES)) for mark in (begin_mark, inside_mark)}
    assert marks | {0} == set(range(MARKS))


@pytest.mark.parametrize(
    ("label", "kind"), [("GPE", "LOC"), ("NORP", "LOC"), ("DATE", "TIME"), ("MONEY", "NUM"), ("drug", "MISC")]
)
def test_labels_of_other_models_have_a_type(label: str, kind: str) -> None:
    assert TYPES[kind_of(label)] == kind


def test_own_labels_come_back() -> None:
    assert [kind_of(label) for label in LABELS] == list(range(len(TYPES)))
