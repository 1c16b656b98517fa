"""F1 of both arms: the same measure for a graph that has places and for one that has names only."""

import pytest

from aegis_pipeline.benchmarks.arms import arm_scores, gold_of
from aegis_pipeline.benchmarks.scoring import GoldDocument
from aegis_pipeline.errors import InputError
from aegis_pipeline.pipeline.comparing import FoundDocument

TEXT = "The University of Cambridge built EDSAC. Cambridge has it no more."
GOLD: dict[str, GoldDocument] = {
    "a.txt": {
        "id": "a.txt",
        "text": TEXT,
        "mentions": [
            {"start": 4, "end": 27, "type": "ORG", "cluster": 0},
            {"start": 34, "end": 39, "type": "MISC", "cluster": 1},
            {"start": 41, "end": 50, "type": "LOC", "cluster": 2},
        ],
        "relations": [{"head": 1, "tail": 0, "pid": "P176"}],
    }
}
NAMES = {name: (name,) for name in ("University of Cambridge", "EDSAC", "Cambridge")}


def found(names: dict[str, tuple[str, ...]], *pairs: tuple[str, str], text: str = TEXT) -> list[FoundDocument]:
    return [FoundDocument("a.txt", text, names, frozenset(pairs))]


def test_arm_scores_of_what_gold_has() -> None:
    right = ("University of Cambridge", "EDSAC")
    assert arm_scores(GOLD, found(NAMES, right))["mentions F1"] == 1
    assert arm_scores(GOLD, found(NAMES, right))["related pairs F1"] == 1


@pytest.mark.parametrize("pair", [("EDSAC", "University of Cambridge"), ("University of Cambridge", "EDSAC")])
def test_arm_scores_know_no_direction(pair: tuple[str, str]) -> None:
    assert arm_scores(GOLD, found(NAMES, pair))["related pairs F1"] == 1
    assert arm_scores(GOLD, found(NAMES, pair, ("EDSAC", "Cambridge")))["related pairs F1"] == pytest.approx(
        2 / 3, 1e-3
    )


def test_arm_scores_take_the_longest_name() -> None:
    """And no name within a word."""
    parts = {"University": ("University",), "Cam": ("Cam", "bridge")}
    assert arm_scores(GOLD, found({**NAMES, **parts}))["mentions F1"] == 1


def test_arm_scores_of_nothing_are_zero() -> None:
    assert arm_scores(GOLD, [])["mentions F1"] == 0
    assert arm_scores(GOLD, found({}))["mentions F1"] == 0


def test_arm_scores_refuse_another_text() -> None:
    with pytest.raises(InputError, match=r"another text of 'a\.txt'"):
        arm_scores(GOLD, found(NAMES, text="Else."))


def test_gold_of_a_batch_is_that_of_its_documents() -> None:
    assert gold_of({**GOLD, "b.txt": GOLD["a.txt"]}, ["a.txt"]) == GOLD
    with pytest.raises(InputError, match=r"such as 'x\.txt'"):
        gold_of(GOLD, ["x.txt"])
