"""Names that only punctuation connects."""

import pytest

from aegis_pipeline.records import Mention, Span
from aegis_pipeline.relations.parse.surface import surface_frames


def roles(text, *names, triggers=(",", "(")):
    """Trigger, first name, role and second name of each frame."""
    mentions = [
        Mention("d", "d:0", 0, Span(text.index(name), text.index(name) + len(name)), name, "X", "x", "test")
        for name in names
    ]
    return [
        (frame.trigger, frame.arguments[0].mention.text, frame.arguments[1].role, frame.arguments[1].mention.text)
        for frame in surface_frames(text, mentions, frozenset({"norway", "peru"}))
        if frame.trigger in triggers
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


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Ada (born 1815 in Oslo)", {"1815": "born", "Oslo": "born_in"}),
        (
            "Ada (1815 in Oslo – 1852 in Bonn)",
            {"1815": "inside", "Oslo": "first_in", "1852": "last", "Bonn": "last_in"},
        ),
        ("Ada, Countess of Lovelace (1815 – 1852)", {"1815": "first", "1852": "last"}),
    ],
)
def test_places_in_a_life_span(text, places):
    found = {name: role for _, _, role, name in roles(text, "Ada", *places)}
    assert found == {**places, "1815": "first"} if "–" in text else found == places


def test_words_between_two_names():
    assert roles("Kew in the city of Bonn", "Kew", "Bonn", triggers=("… in city of",)) == [
        ("… in city of", "Kew", "next", "Bonn")
    ]
    assert roles("Kew; in Bonn", "Kew", "Bonn", triggers=("… in",)) == []


def test_every_name_of_a_list_is_next():
    found = roles('"Kew" starring Ada, Bob and Cleo', "Kew", "Ada", "Bob", "Cleo", triggers=("… starring",))
    assert [name for *_, name in found] == ["Ada", "Bob", "Cleo"]


def test_sole_country_of_a_sentence():
    assert roles("From Oslo in Norway to Bonn", "Oslo", "Norway", "Bonn", triggers=("{country}",)) == [
        ("{country}", "Oslo", "country_after", "Norway"),
        ("{country}", "Bonn", "country_before", "Norway"),
    ]


def test_two_countries_are_no_sole_country():
    assert roles("From Oslo in Norway to Peru", "Oslo", "Norway", "Peru", triggers=("{country}",)) == []
