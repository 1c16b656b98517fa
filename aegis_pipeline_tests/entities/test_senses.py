"""What a key means in a document, and what an entity is called and of which type it is."""

import pytest

from aegis_pipeline.entities.canonical import canonical_name, canonical_type
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.senses import SENSE_OF_TYPE, senses
from aegis_pipeline.records import Mention, Span

Rows = list[tuple[str, str, str]]


def mention(document: str, text: str, kind: str, source: str = "spacy") -> Mention:
    return Mention(document, "c", 0, Span(0, len(text)), text, kind.upper(), kind, source)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("d1", "Jordan", "person")], {"d1": "person"}),
        ([("d1", "Jordan", "organization"), ("d2", "Jordan", "work")], {"d1": "thing", "d2": "thing"}),
        ([("d1", "Jordan", "group"), ("d2", "Jordan", "facility")], {"d1": "place", "d2": "place"}),
        ([("d1", "1984", "date"), ("d2", "1984", "work")], {"d1": "value", "d2": "thing"}),
    ],
)
def test_senses_follow_the_type(rows: Rows, expected: dict[str, str]) -> None:
    found = senses([mention(*row) for row in rows], lambda m: normalise(m.text))
    assert {document: sense for (document, _), sense in found.items()} == expected


@pytest.mark.parametrize(
    ("rows", "sense"),
    [
        ("place place person", "place"),  # most mentions of the document
        ("person place", "person"),  # level: what the batch says most often
        ("other person", "person"),  # an unknown type has no say
        ("other", "person"),  # nor where it is alone: the batch decides
    ],
)
def test_senses_are_of_a_whole_document(rows: str, sense: str) -> None:
    here = [mention("d1", "Jordan", kind) for kind in rows.split()]
    elsewhere = [mention("d2", "Jordan", "person"), mention("d3", "JORDAN", "person")]
    found = senses([*here, *elsewhere], lambda m: normalise(m.text))
    assert found["d1", "jordan"] == sense


def test_senses_of_a_name_of_which_nobody_knows_the_type() -> None:
    found = senses([mention("d1", "Jordan", "other")], lambda m: normalise(m.text))
    assert found == {("d1", "jordan"): "thing"}


def test_senses_are_few() -> None:
    assert set(SENSE_OF_TYPE.values()) == {"person", "place", "value"}


@pytest.mark.parametrize(
    ("surfaces", "name"),
    [
        (["US", "US", "U.S."], "US"),  # most frequent
        (["Acme", "Acme Inc."], "Acme Inc."),  # longest
        (["Tears for Fears", "Tears For Fears"], "Tears For Fears"),  # first in code-point order
    ],
)
def test_canonical_name(surfaces: list[str], name: str) -> None:
    assert canonical_name(surfaces) == canonical_name(surfaces[::-1]) == name


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("place person person", "person"),
        ("place person", "person"),  # level: the first by name
        ("other other place", "place"),
        ("other", "other"),
    ],
)
def test_canonical_type(kinds: str, expected: str) -> None:
    assert canonical_type([mention("d1", "Jordan", kind) for kind in kinds.split()]) == expected


def test_canonical_type_is_what_the_glossary_says() -> None:
    found = [
        mention("d1", "Acme", "product"),
        mention("d1", "Acme", "product"),
        mention("d1", "Acme", "tool", "glossary"),
    ]
    assert canonical_type(found) == "tool"
