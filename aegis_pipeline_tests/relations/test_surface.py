"""Names that only punctuation connects."""

import pytest

from aegis_pipeline.records import Mention, Span
from aegis_pipeline.relations.parse.surface import surface_frames


def roles(text, *names):
    """Trigger, first name, role and second name of each frame."""
    mentions = [
        Mention("d", "d:0", 0, Span(text.index(name), text.index(name) + len(name)), name, "X", "x", "test")
        for name in names
    ]
    return [
        (frame.trigger, frame.arguments[0].mention.text, frame.arguments[1].role, frame.arguments[1].mention.text)
        for frame in surface_frames(text, mentions)
    ]


def test_comma_chain_of_places():
    assert roles("in Reno, Nevada, USA.", "Reno", "Nevada", "USA") == [
        (",", "Reno", "next", "Nevada"),
        (",", "Nevada", "next", "USA"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("in France, Spain and Italy", ("France", "Spain", "Italy")),
        ("in France, Spain, or Italy", ("France", "Spain", "Italy")),
        ("Oslo, Rome, Bonn, Bern, Wien.", ("Oslo", "Rome", "Bonn", "Bern", "Wien")),
        ("Oslo; Rome", ("Oslo", "Rome")),
    ],
)
def test_list_is_no_chain(text, names):
    assert roles(text, *names) == []


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Ada (born 1815)", "born"),
        ("Ada (b. 1815)", "born"),
        ("Ada (born on 1815)", "born"),
        ("Ada (1815 – 1852)", "first"),
        ("Ada (1815)", "inside"),
        ("Ada (Abc, d. 1815)", "last"),
    ],
)
def test_role_in_a_parenthesis(text, role):
    assert roles(text, "Ada", "1815") == [("(", "Ada", role, "1815")]


def test_life_span():
    assert roles("Ada (10 December 1815 – 1852) wrote", "Ada", "10 December 1815", "1852") == [
        ("(", "Ada", "first", "10 December 1815"),
        ("(", "Ada", "last", "1852"),
    ]


@pytest.mark.parametrize("text", ["Ada (1815", "Ada (x) 1815", "Ada met 1815", f"Ada ({'x' * 300} 1815)"])
def test_no_parenthesis(text):
    assert roles(text, "Ada", "1815") == []
