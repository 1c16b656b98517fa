"""What a text says of its names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis_pipeline.entities.cues import (
    _ALIAS,
    _BRACKET,
    ALIAS,
    BRACKET,
    LIST,
    OTHER_BEARER,
    kind,
    kind_in_name,
    pair_cues,
)
from aegis_pipeline_tests.entities.texts import placed


def cues(sentence: str) -> list[tuple[str, str, str]]:
    return [(one.mention.text, other.mention.text, cue) for one, other, cue in pair_cues(placed(sentence))]


# --- two names


@pytest.mark.parametrize(
    ("between", "cue"),
    [
        (" ({}) grew", BRACKET),
        (" (the {}) grew", BRACKET),
        (" (formerly {}) grew", BRACKET),
        (" (German: x; also known as {}) grew", BRACKET),
        (' ("{}") grew', BRACKET),
        (" ({}, of Leeds) grew", BRACKET),
        (" ({} in Leeds) grew", None),
        (" (it bought {}) grew", None),
        (", also known as {}, grew", ALIAS),
        (" is now called {}", ALIAS),
        (", formerly {}, grew", ALIAS),
        (" was renamed to {}", ALIAS),
        (" stands for {}", ALIAS),
        (" was known by the stage name {}", ALIAS),
        (" or {} grew", ALIAS),
        (" was founded by {}", None),
        (" and {} grew", LIST),
        (", {} grew", LIST),
        (" vs. {}", LIST),
        (" met {}", None),
        (" " * 61 + "({})", None),  # too far apart
    ],
)
def test_cues_between_two_names(between: str, cue: str | None) -> None:
    found = cues("{ICL|organization}" + between.format("{ITL|organization}") + ".")
    assert found == ([("ICL", "ITL", cue)] if cue else [])


def test_cues_of_a_list_are_between_neighbours_only() -> None:
    assert cues("{Ada|person}, {Bob|person} and {Ann|person} left.") == [("Ada", "Bob", LIST), ("Bob", "Ann", LIST)]


def test_cues_reach_over_a_name_in_the_brackets() -> None:
    found = cues("The {Acorn RISC Machine|product} ({Leeds|place}: {ARM|product}) sold.")
    assert found == [("Acorn RISC Machine", "ARM", BRACKET)]


# --- what kind of thing one is of


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The planet {Mercury|other} is near.", "celestial"),
        ("It is the tiny cold planet “{Mercury|other}”.", "celestial"),
        ("The planet {Mercury|other} probe flew.", None),  # the probe, not the planet
        ("{Atlas|product}, a missile of the time, flew.", "rocket"),
        ("{Atlas|product} was the most admired computer in Britain.", "computer"),
        ("{Atlas|product} (the rocket) flew.", "rocket"),
        ("A rocket called {Atlas|product} flew.", "rocket"),
        ("Their best-known computer at Leeds is {Atlas|product}.", "computer"),
        ("The {Atlas|product} flew.", None),
        ("{Atlas|product}, the rocket's maker, grew.", None),
        ("They met the other {Atlas|product}.", OTHER_BEARER),
        ("It is no relation to {Atlas|product}.", OTHER_BEARER),
        ("{Leeds|place} ({Atlas|other}: x)", "language"),
        ("The ſtar {Mercury|other} is near.", None),  # "ſ" is an "s" to a pattern without case, and to no list of words
        ("The PLANET {Mercury|other} is near.", "celestial"),
    ],
)
def test_cues_kind(sentence: str, expected: str | None) -> None:
    assert kind(placed(sentence)[-1]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("project mercury", "mission"), ("the mercury project", "mission"), ("mercury seven", None), ("", None)],
)
def test_cues_kind_in_name(name: str, expected: str | None) -> None:
    assert kind_in_name(name.split()) == expected


# --- texts that patterns may stumble over


@pytest.mark.parametrize(
    "piece", [",", ", ", "or ,", ":;", "the ", "also ", "was also ", " ", '"', "(", "known as ", "renamed as to "]
)
def test_cues_of_a_run_of_one_sign_are_read_once(piece: str) -> None:
    """With a pattern that reads it in every possible way, one of these never ends: the suite's time-out says so."""
    for opening in ("", " (", ", known "):
        assert _ALIAS.match(opening + piece * 1_000 + "x") is None
        assert _BRACKET.match(opening + piece * 1_000 + "x") is None


PIECES = [
    " ",
    "(",
    ")",
    ",",
    ":",
    '"',
    "the ",
    "a ",
    "planet ",
    "planet, ",
    "is ",
    "called ",
    "also ",
    "known as ",
    "x",
    "ſ",
]


@pytest.mark.parametrize("piece", [*PIECES, "the other ", "the planet x is a ", "a b c d ", ", a big planet"])
def test_cues_kind_in_long_sentences(piece: str) -> None:
    long = piece * (5_000 // len(piece))
    for sentence in (long + "{Atlas|other}", "{Atlas|other}" + long, long + "{Atlas|other}" + long):
        assert kind(placed(sentence)[0]) in {None, "celestial", OTHER_BEARER, "language"}


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(alphabet=st.characters(exclude_characters="{}|"))), max_size=30)
)
def test_cues_of_any_sentence(pieces: list[str]) -> None:
    around = "".join(pieces)
    found = placed(around + "{Atlas|other}" + around + "{Titan|other}" + around)
    assert {cue for *_, cue in pair_cues(found)} <= {ALIAS, BRACKET, LIST}
    assert all(kind(one) is None or isinstance(kind(one), str) for one in found)
