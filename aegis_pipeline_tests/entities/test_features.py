"""What is known of two names, as numbers."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis_pipeline.entities.classifier import as_matrix
from aegis_pipeline.entities.features import FEATURES, is_candidate, ordered
from aegis_pipeline.entities.within import described_pairs
from aegis_pipeline_tests.entities.texts import Alike, document


def described(*sentences: str, cosine: float = 0.0) -> dict[frozenset[str], dict[str, float]]:
    """Every pair of names, and its features."""
    found = document(*sentences)
    pairs = described_pairs(found, Alike(of_all=cosine))
    return {frozenset(name.key for name in pair): features for pair, features in pairs}


def features(one: str, other: str, **values: Any) -> dict[str, float]:
    """Of two names, each in a sentence of its own; they are a pair by their vectors where by nothing else."""
    (found,) = described(f"{one} came.", f"{other} came.", **{"cosine": 0.6, **values}).values()
    assert set(found) <= set(FEATURES)
    return found


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("{ICL|organization}", "{International Computers Limited|organization}", "initials"),
        ("{DECNET|product}", "{Digital Equipment Corporation Network|product}", "abbreviation"),
        ("{USA|place}", "{United States|place}", "well_known"),
        ("{Kilburn|person}", "{Tom Kilburn|person}", "family_name"),
        ("{Tom|person}", "{Tom Kilburn|person}", "given_name"),
        ("{Ben|person}", "{Tom Ben Kilburn|person}", "middle_name"),
        ("{Acorn|organization}", "{Acorn Computers|organization}", "begins"),
        ("{Computers|organization}", "{Acorn Computers|organization}", "ends"),
        ("{Bank|organization}", "{First Bank Leeds|organization}", "within"),
        ("{Leeds|place}", "{Leeds University|organization}", "kind_words_left"),
        ("{University|organization}", "{Leeds University|organization}", "kind_word_alone"),
        ("{Ann Kilburn|person}", "{Tom Kilburn|person}", "given_names_clash"),
        ("{T. Kilburn|person}", "{Tom Kilburn|person}", "same_family_name"),
        ("{Acorn Ltd|organization}", "{Acorn Holdings|organization}", "same_without_company"),
        ("{Leeds|place}", "{Leedz|place}", "likeness"),
        ("{Leeds|place}", "{York|facility}", "same_sense"),
        ("{Leeds|place}", "{York|place}", "same_type"),
        ("{Leeds|place}", "{York|place}", "full_opens"),
        ("{IBM 7090|product}", "{IBM 704|product}", "digits_differ"),
        ("{Ada|person}", "{Bob|person}", "both_persons"),
        ("{Computer|product}", "{Computers|product}", "plural"),
        ("{Germans|group}", "{Germany|place}", "people_and_place"),
        ("{Ada|other}", "{Bob|person}", "unknown_type"),
        ("{Leeds|place}", "{Acorn Computers|organization}", "short_is_place"),
        ("{Acorn|organization}", "{Leeds University|place}", "full_is_place"),
        ("{Acorn|organization} and {Acorn|organization}", "{Leeds University|place}", "short_again"),
    ],
)
def test_features_tell(one: str, other: str, told: str) -> None:
    assert features(one, other)[told] > 0


@pytest.mark.parametrize(
    ("one", "other", "untold"),
    [
        ("{ICL|organization}", "{International Computers Limited|organization}", "abbreviation"),  # that is weaker
        ("{USA|place}", "{France|place}", "well_known"),
        ("{Acorn|organization}", "{Acorn Computers|organization}", "likeness"),  # a part is no spelling
        ("{Tom Kilburn|person}", "{T. Kilburn|person}", "given_names_clash"),
        ("{Ada|person}", "{Bob|place}", "same_sense"),
        ("{Ada|person}", "{Bob|place}", "same_type"),
        ("{IBM 7090|product}", "{IBM|organization}", "plural"),
    ],
)
def test_features_do_not_tell(one: str, other: str, untold: str) -> None:
    assert untold not in features(one, other)


def test_features_of_one_sentence_have_its_cues() -> None:
    (found,) = described("{ICL|organization} ({International Computers|organization}) grew.").values()
    assert (found["bracket"], found["same_sentence"]) == (1, 1)
    assert "list" not in found
    (found,) = described("{ICL|organization}, also known as {Titan|organization}, grew.").values()
    assert found["alias_phrase"] == 1


def test_features_count_rivals() -> None:
    found = described("{Ann Kilburn|person} met {Tom Kilburn|person}.", "{Kilburn|person} left.")
    last = found[frozenset({"kilburn", "tom kilburn"})]
    assert (last["rivals"], last["rival_before"]) == (1, 1)
    first = found[frozenset({"kilburn", "ann kilburn"})]
    assert first["rivals"] == 1
    assert "rival_before" not in first


def test_features_count_no_rival_that_is_a_form_of_the_same_name() -> None:
    found = described("{Tom B. Kilburn|person} met {Tom Kilburn|person}.", "{Kilburn|person} left.")
    assert "rivals" not in found[frozenset({"kilburn", "tom kilburn"})]
    assert "rivals" not in found[frozenset({"kilburn", "tom b kilburn"})]


def test_features_of_the_order_in_the_text() -> None:
    assert "short_before_full" in features("{Kilburn|person}", "{Tom Kilburn|person}")
    assert "short_before_full" not in features("{Tom Kilburn|person}", "{Kilburn|person}")
    assert "full_opens" not in features("x" * 300 + " {Tom Kilburn|person}", "{Kilburn|person}")


@pytest.mark.parametrize(("cosine", "unlike"), [(0.4, 0.0), (0.75, 0.25)])
def test_features_of_vectors(cosine: float, unlike: float) -> None:
    found = features("{ICL|organization}", "{Imperial Chemical Leeds|organization}", cosine=cosine)
    assert (found["cosine"], found.get("cosine_of_unlike", 0.0)) == (cosine, unlike)
    assert "cosine_of_unlike" not in features("{Kilburn|person}", "{Tom Kilburn|person}", cosine=cosine)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, False),
        ({"same_type": 1.0, "both_persons": 1.0, "list": 1.0, "same_sentence": 1.0}, False),
        ({"likeness": 0.39, "cosine": 0.59}, False),
        ({"likeness": 0.4}, True),
        ({"cosine": 0.6}, True),
        ({"bracket": 1.0}, True),
    ],
)
def test_features_of_candidates(found: dict[str, float], expected: bool) -> None:
    assert is_candidate(found) == expected


NAMES = [
    "Tom Kilburn",
    "Kilburn",
    "NASA",
    "U.S.",
    "Acme, Inc.",
    "---",
    "😀",
    "Of The",
    "1984",
    "\u0301",
    "\u0302",
    "Leeds",
]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["person", "place", "other"])), max_size=6))
def test_features_are_columns_of_the_model_and_none_is_zero(rows: list[tuple[str, str]]) -> None:
    found = document(*(f"{{{name}|{kind}}} and {{Ada|person}}." for name, kind in [("Leeds", "place"), *rows]))
    for pair, features in described_pairs(found, Alike(of_all=0.7)):
        assert set(features) <= set(FEATURES)
        assert all(features.values())
        assert pair == ordered(*pair) == ordered(*pair[::-1])
        assert as_matrix([features])[0].tolist() == [features.get(name, 0.0) for name in FEATURES]


def test_features_are_named_once() -> None:
    assert len(set(FEATURES)) == len(FEATURES)
