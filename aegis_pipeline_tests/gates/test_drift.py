"""``confidence_drift``: a warning when confidences or types are others than in the batches before."""

import math
from collections import Counter
from collections.abc import Sequence

import pytest

from aegis_pipeline.gates import BatchProfile, confidence_drift, quality_on_gold
from aegis_pipeline.gates.drift import population_stability

SURE = [0.6 + number % 400 / 1000 for number in range(400)]
TYPES = {"person": 200, "place": 200}


def profile(confidences: Sequence[float] = SURE, **types: int) -> BatchProfile:
    return BatchProfile(tuple(confidences), Counter(types or TYPES))


def test_population_stability_of_equal_shares_is_0() -> None:
    assert population_stability({"a": 300, "b": 100}, {"a": 300, "b": 100}) == 0


def test_population_stability_is_the_sum_of_the_textbook() -> None:
    """With so many of each that half of one more does not show."""
    expected = (0.5 - 0.8) * math.log(0.5 / 0.8) + (0.5 - 0.2) * math.log(0.5 / 0.2)
    found = population_stability({"a": 5_000_000, "b": 5_000_000}, {"a": 8_000_000, "b": 2_000_000})
    assert found == pytest.approx(expected, abs=1e-5)


def test_population_stability_of_what_one_side_lacks_is_finite() -> None:
    assert 1 < population_stability({"a": 100}, {"b": 100}) < 100


@pytest.mark.parametrize(
    ("batch", "warned"),
    [
        (profile(), set()),
        (profile(SURE[::2]), set()),
        (profile([value - 0.2 for value in SURE]), {"confidence"}),
        (profile([0.99] * 400), {"confidence"}),
        (profile(person=300, place=100), {"type"}),
        (profile(product=400), {"type"}),
        (profile([0.6] * 400, product=400), {"confidence", "type"}),
    ],
)
def test_drift_only_warns(batch: BatchProfile, warned: set[str]) -> None:
    verdict = confidence_drift(batch, [profile(SURE[:200]), profile(SURE[200:])], maximum=0.25, min_relations=200)
    assert (verdict.passed, verdict.warning) == (True, bool(warned))
    assert {kind for kind in ("confidence", "type") if verdict.evidence[f"{kind}_stability_index"] > 0.25} == warned
    assert verdict.evidence["earlier_relations"] == 400


@pytest.mark.parametrize("same", [0.9, 0.0])
def test_drift_of_confidences_that_are_all_alike(same: float) -> None:
    verdict = confidence_drift(profile([same] * 400), [profile([0.9] * 400)], maximum=0.25, min_relations=200)
    assert verdict.warning is (same != 0.9)


@pytest.mark.parametrize(
    ("batch", "earlier"),
    [
        (profile([]), []),
        (profile(), []),
        (profile(SURE[:199]), [profile()]),
        (profile(), [profile(SURE[:199])]),
    ],
)
def test_drift_does_not_judge_a_few_relations(batch: BatchProfile, earlier: list[BatchProfile]) -> None:
    verdict = confidence_drift(batch, earlier, maximum=0.0, min_relations=200)
    assert (verdict.passed, verdict.warning) == (True, False)
    assert verdict.evidence["too_little_to_judge"]


@pytest.mark.parametrize(
    ("found", "worse"),
    [
        ({"mentions": 0.9, "relations": 0.06}, []),
        ({"mentions": 0.88, "relations": 0.04}, []),
        ({"mentions": 0.87, "relations": 0.06}, ["mentions"]),
        ({"mentions": 0.95, "relations": 0.03}, ["relations"]),
        ({"mentions": 0.95}, ["relations"]),
        ({}, ["mentions", "relations"]),
    ],
)
def test_quality_on_gold_is_red_for_a_figure_that_is_worse(found: dict[str, float], worse: list[str]) -> None:
    verdict = quality_on_gold(found, {"mentions": 0.9, "relations": 0.06}, tolerance=0.0201)
    assert verdict.passed is (worse == [])
    assert (f"Worse: {', '.join(worse)}." in verdict.description) is bool(worse)
