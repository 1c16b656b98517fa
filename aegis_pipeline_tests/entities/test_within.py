"""Identity within one document: candidates, and what excludes them."""

from itertools import combinations

import numpy as np
import pytest

from aegis_pipeline.entities.local_names import LocalName, NamedDocument
from aegis_pipeline.entities.name_vectors import NameVectors
from aegis_pipeline.entities.overrides import Marks
from aegis_pipeline.entities.senses import VALUE
from aegis_pipeline.entities.within import _MOST_SHARING, ScoredPair, described_pairs, exclude, link_within
from aegis_pipeline_tests.entities.texts import ENCODE, Alike, document, linked, local, said, together

Keys = set[frozenset[str]]


def proposed(found: NamedDocument, near: dict[str, list[str]] | None = None, cosine: float = 0.0) -> Keys:
    pairs = described_pairs(found, Alike(of_all=cosine, pairs=near or {}))
    return {frozenset((one.key, other.key)) for (one, other), _ in pairs}


def scored(found: NamedDocument, *pairs: tuple[str, str, float]) -> list[ScoredPair]:
    return [ScoredPair((local(found, one), local(found, other)), {}, score) for one, other, score in pairs]


def keys(clusters: list[list[LocalName]]) -> set[frozenset[str]]:
    return {frozenset(name.key for name in cluster) for cluster in clusters}


# --- candidates


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{Kilburn|person}", "{Tom Kilburn|person}"),  # a word
        ("{NPL|organization}", "{National Physical Laboratory|organization}"),  # letters
        ("{Burma|place}", "{Myanmar|place}"),  # well known
    ],
)
def test_within_proposes_what_shares_something(one: str, other: str) -> None:
    assert len(proposed(document(f"{one} came.", f"{other} left."))) == 1
    assert proposed(document(f"{one} came.", "{Zuse|person} left.")) == set()


def test_within_proposes_what_a_cue_joins() -> None:
    assert proposed(document("{Ferranti|product} ({Titan|product}) ran.")) == {frozenset({"ferranti", "titan"})}
    assert proposed(document("{Ferranti|product} saw {Titan|product}.")) == set()


def test_within_proposes_what_is_near() -> None:
    found = document("{Ferranti|product} saw {Titan|product}.")
    assert proposed(found, {"titan": ["ferranti", "elsewhere"]}, 0.6) == {frozenset({"ferranti", "titan"})}


def test_within_values_are_never_candidates() -> None:
    found = document("{20 May 1948|date} ({May 1948|date}) or {1948|date}, {May 1948 Report|work}.")
    assert {name.sense for name in found.names} == {VALUE, "thing"}
    assert proposed(found, {name.key: [other.key for other in found.names] for name in found.names}, 0.9) == set()


@pytest.mark.parametrize(("count", "pairs"), [(_MOST_SHARING, True), (_MOST_SHARING + 1, False)])
def test_within_a_word_that_many_names_share_proposes_nothing(count: int, pairs: bool) -> None:
    found = document(*(f"{{x{number} Smith|person}} left." for number in range(count - 1)), "{Smith|person} came.")
    assert len(found.names) == count
    assert any("smith" in pair for pair in proposed(found)) == pairs


@pytest.mark.parametrize("shared", ["Smith", "S{} Smith{}", ""])
def test_within_candidates_grow_with_the_names_not_with_their_square(shared: str) -> None:
    """Distinct names of one long document: all with one word, in families of twenty, and with nothing in common."""
    count = 3_000
    word = np.random.default_rng(0).permutation(count)
    names = [f"x{word[n]} {shared.format(n // 20, n // 20)}".strip() for n in range(count)]
    found = document(*(f"{{{name}|person}} left." for name in names))
    vectors = NameVectors.of((name.key for name in found.names), ENCODE)
    assert len(found.names) == count
    assert len(described_pairs(found, vectors)) <= 32 * count


# --- decisions


def test_within_joins_from_the_threshold_on() -> None:
    found = document("{Ferranti|product} saw {Titan|product} and {Atlas|product}.")
    links = scored(found, ("ferranti", "titan", 0.8), ("atlas", "titan", 0.79))
    assert keys(link_within(found.names, links, 0.8)) == {frozenset({"ferranti", "titan"}), frozenset({"atlas"})}


def test_within_what_the_user_keeps_apart_stays_apart() -> None:
    found = document("{Ferranti|product} saw {Titan|product}.")
    sides = {"ferranti": 0, "titan": 1}
    clusters = link_within(
        found.names,
        scored(found, ("ferranti", "titan", 1.0)),
        0.5,
        lambda name: Marks(apart=frozenset({(0, sides[name.key])})),
    )
    assert len(clusters) == 2


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("{Tom Kilburn|person}", "{Ann Kilburn|person}", True),
        ("{Tom Kilburn|person}", "{Ann Kilburn|place}", False),  # a street has no given name
        ("{Bank of England|organization}", "{Bureau of Energy|organization}", True),
        ("{Kilburn|person}", "{Tom Kilburn|person}", False),
    ],
)
def test_within_excludes(one: str, other: str, expected: bool) -> None:
    found = document(f"{one} met {other}.")
    assert all(exclude(*pair) == expected for pair in combinations(found.names, 2))


def test_within_two_bearers_of_a_name_exclude_each_other() -> None:
    found = document("{Atlas|product}, a rocket, and {Atlas|product}, a computer, ran.")
    assert len(found.names) == 2
    assert exclude(*found.names)


def test_within_an_acronym_of_two_senses_joins_one_of_them_at_most() -> None:
    text = said(
        "d",
        "The {National Physical Laboratory|organization} ({NPL|organization}) grew.",
        "The {New Party of Liberia|organization} ({NPL|organization}) lost.",
    )
    found = together(linked(text))
    assert all(len(group & {"National Physical Laboratory", "New Party of Liberia"}) <= 1 for group in found)


@pytest.mark.parametrize(
    ("sentences", "one_thing"),
    [
        (
            (
                "The {National Physical Laboratory|organization} ({NPL|organization}) grew.",
                "{NPL|organization} is old.",
            ),
            {"National Physical Laboratory", "NPL"},
        ),
        (("{Tom Kilburn|person} came.", "Then {Kilburn|person} left."), {"Tom Kilburn", "Kilburn"}),
    ],
)
def test_within_joins_what_is_plainly_one(sentences: tuple[str, ...], one_thing: set[str]) -> None:
    assert together(linked(said("d", *sentences))) == {frozenset(one_thing)}
