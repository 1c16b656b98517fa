"""Labels, boundaries and names without a label: what phase 1 makes of a model's marks."""

from itertools import pairwise

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from aegis_pipeline.mentions.boundaries import tidy
from aegis_pipeline.mentions.labels import type_of
from aegis_pipeline.mentions.marks import Mark, overlaps, without_overlaps
from aegis_pipeline.mentions.proper_nouns import names_of, repeats, unlabelled_names

# --- labels


@pytest.mark.parametrize(
    ("label", "kind"),
    [("PERSON", "person"), ("GPE", "place"), ("Drug / Dose", "drug_dose"), ("<>", "other"), ("__proto__", "proto")],
)
def test_type_of(label: str, kind: str) -> None:
    assert type_of(label) == kind


@given(st.text())
def test_type_of_is_always_one_that_lightrag_takes(label: str) -> None:
    kind = type_of(label)
    assert kind
    assert not set(kind) & set("'()<>|/\\, ")
    assert kind not in {"__proto__", "constructor", "prototype"}


# --- boundaries


@pytest.mark.parametrize(
    ("text", "label", "parts"),
    [
        ("the White House", "FAC", ["White House"]),
        ('"Third Rome"', "ORG", ["Third Rome"]),
        ("Apple's", "ORG", ["Apple"]),
        ("Andy Warhol 's", "PERSON", ["Andy Warhol"]),
        ("(Suites", "WORK_OF_ART", ["Suites"]),
        ("Mercury (planet)", "LOC", ["Mercury (planet)"]),
        ("Mercury)", "LOC", ["Mercury"]),
        ("about 200", "CARDINAL", ["200"]),
        ("the early 1930s", "DATE", ["1930s"]),
        ("Over the Rainbow", "WORK_OF_ART", ["Over the Rainbow"]),
        ("1946-1950", "DATE", ["1946", "1950"]),
        ("4 March 1919–22 November 2009", "DATE", ["4 March 1919", "22 November 2009"]),
        ("1939 to 1950", "DATE", ["1939", "1950"]),
        ("the year 2008", "DATE", ["2008"]),
        ("year-long", "DATE", ["year-long"]),
        ("more than $3 million", "MONEY", ["$3 million"]),
        ("1997-8", "DATE", ["1997-8"]),
        ("5-10", "CARDINAL", ["5-10"]),
        ("-15", "CARDINAL", ["-15"]),
        (".NET", "PRODUCT", [".NET"]),
        (" ' ", "ORG", []),
        ("the", "ORG", ["the"]),
        ("Signal and Control (ISC", "ORG", ["Signal and Control"]),
        ("Cray [later", "ORG", ["Cray"]),
        ("Arm (company)", "ORG", ["Arm (company)"]),
    ],
)
def test_tidy(text: str, label: str, parts: list[str]) -> None:
    marks = tidy(text, Mark(0, len(text), label, "spacy"))
    assert [text[mark.start : mark.end] for mark in marks] == parts


@given(st.text(alphabet=" \n'’s\"()the aboutéа1290-–.&", max_size=40), st.sampled_from(["DATE", "ORG"]))
def test_tidy_stays_inside_and_is_stable(text: str, label: str) -> None:
    for mark in tidy(text, Mark(0, len(text), label, "spacy")):
        assert 0 <= mark.start < mark.end <= len(text)
        assert tidy(text, mark) == [mark]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8))))
def test_without_overlaps(ranges: list[tuple[int, int]]) -> None:
    kept = without_overlaps(Mark(start, start + length, "X", "spacy") for start, length in ranges)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert all(length == 0 or overlaps(start, start + length, kept) for start, length in ranges)


# --- names without a label


def test_repeats_finds_unmarked_names_longest_first() -> None:
    text = "Ann Lee met Bob. Later Ann Lee left; Annex stayed, Ann too."
    marks = [Mark(0, 7, "PERSON", "spacy"), Mark(51, 54, "PERSON", "spacy")]
    names = names_of([(text, marks)])
    assert names == {"Ann Lee": "PERSON", "Ann": "PERSON"}
    assert [text[m.start : m.end] for m in repeats(text, marks, names)] == ["Ann Lee"]


def test_numbers_are_not_repeated() -> None:
    assert names_of([("1000 and Four", [Mark(0, 4, "CARDINAL", "spacy"), Mark(9, 13, "CARDINAL", "spacy")])]) == {}


def _tagged(words: list[str], pos: list[str]) -> Doc:
    return Doc(spacy.blank("en").vocab, words=words, pos=pos, sent_starts=[True] + [False] * (len(words) - 1))


def test_unlabelled_names_stand_alone() -> None:
    words = ["Catania", "lies", "near", "Osaka", "Bay", ",", "Gangs", "of", "Rome", "and", "President", "Lu", "x" * 99]
    pos = [
        "PROPN",
        "VERB",
        "ADP",
        "PROPN",
        "PROPN",
        "PUNCT",
        "PROPN",
        "ADP",
        "PROPN",
        "CCONJ",
        "PROPN",
        "PROPN",
        "PROPN",
    ]
    doc = _tagged(words, pos)
    osaka = doc.text.index("Osaka")
    texts = [doc.text[m.start : m.end] for m in unlabelled_names(doc, [Mark(osaka, osaka + 5, "GPE", "spacy")])]
    assert texts == ["Catania", "Lu"]
