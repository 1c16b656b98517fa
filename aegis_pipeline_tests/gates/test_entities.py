"""``dedup_ratio_bounds`` and ``dedup_precision_on_gold``: all is one, nothing is, what is joined is not one."""

import pytest

from aegis_pipeline.gates import DedupLimits, EntityNames, IdentityOnGold, dedup_precision_on_gold, dedup_ratio_bounds
from aegis_pipeline.records import Entity, Mention, Span

LIMITS = DedupLimits(minimum=0.6, maximum=1.1, max_share=0.2, names=50)


def entities(*names: int, of: int = 0) -> list[EntityNames]:
    """An entity for each number, with so many names of its own; or of ``of`` names, again and again."""
    found, used = [], 0
    for number, own in enumerate(names):
        keys = (used + k for k in range(own))
        found.append(EntityNames(f"e{number:03}", frozenset(str(key % of if of else key) for key in keys)))
        used += own
    return found


@pytest.mark.parametrize(
    ("names", "of", "ratio", "share", "passed"),
    [
        ([1] * 100, 0, 1.0, 0.01, True),
        ([2] * 66 + [1] * 34, 0, 0.6024, 0.012, True),
        ([2] * 68 + [1] * 32, 0, 0.5952, 0.0119, False),
        ([1] * 110, 100, 1.1, 0.01, True),  # things of one name
        ([1] * 111, 100, 1.11, 0.01, False),
        ([20] + [1] * 80, 0, 0.81, 0.2, True),
        ([21] + [1] * 79, 0, 0.8, 0.21, False),
        ([100], 0, 0.01, 1.0, False),
    ],
)
def test_dedup_ratio(names: list[int], of: int, ratio: float, share: float, passed: bool) -> None:
    verdict = dedup_ratio_bounds(entities(*names, of=of), LIMITS)
    assert (verdict.evidence["entities_per_name"], verdict.evidence["largest_share"]) == (ratio, share)
    assert (verdict.passed, verdict.warning) == (passed, False)
    assert ("aegis explain" in verdict.description) is not passed


def test_dedup_ratio_names_the_largest() -> None:
    assert dedup_ratio_bounds(entities(1, 30, 20), LIMITS).evidence["most_names"] == ["e001: 30", "e002: 20", "e000: 1"]


@pytest.mark.parametrize("names", [[], [1], [49], [1] * 49])
def test_dedup_ratio_does_not_judge_a_few_names(names: list[int]) -> None:
    verdict = dedup_ratio_bounds(entities(*names), LIMITS)
    assert verdict.passed
    assert verdict.evidence["too_little_to_judge"]


def test_entity_names_are_normalised_and_those_of_nodes() -> None:
    mentions = tuple(
        Mention("d", "c", 0, Span(0, 1), text, "ORG", "organization", "t") for text in ("ICL", "the ICL", "I.C.L.")
    )
    made = [Entity(str(is_node), "ICL", "ICL", "organization", (), mentions, is_node) for is_node in (True, False)]
    assert EntityNames.of(made) == [EntityNames("ICL", frozenset({"icl"}))]


@pytest.mark.parametrize(
    ("right", "wrong", "passed"), [(93, 7, True), (92, 8, False), (1, 0, True), (0, 0, False), (0, 5, False)]
)
def test_dedup_precision(right: int, wrong: int, passed: bool) -> None:
    verdict = dedup_precision_on_gold(IdentityOnGold(right, wrong, 3, ("Atlas / Mercury",)), minimum=0.93)
    assert verdict.passed is passed
    assert verdict.evidence["joined_wrongly"] == ["Atlas / Mercury"]
    assert (verdict.evidence["pairs_wrong"], verdict.evidence["pairs_missed"]) == (wrong, 3)
