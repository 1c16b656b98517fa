"""Which batch goes through which pipeline."""

from itertools import pairwise

import pytest

from aegis_pipeline.pipeline.rollout import arms_of, is_rolled_out, may_run_legacy
from aegis_pipeline.settings import ExtractionPipeline, Settings

OURS, LEGACY = ExtractionPipeline.THREE_PHASE, ExtractionPipeline.LIGHTRAG_DEFAULT
BATCHES = [f"batch-{number}" for number in range(2_000)]


def configured(**changes: object) -> Settings:
    return Settings(_env_file=None, **changes)


@pytest.mark.parametrize(
    ("changes", "arms"),
    [
        ({}, {OURS}),
        ({"enable_legacy_extraction": True}, {OURS, LEGACY}),
        ({"extraction_pipeline": LEGACY}, {LEGACY}),
        ({"extraction_pipeline": LEGACY, "enable_legacy_extraction": True}, {LEGACY}),
        ({"extraction_rollout_percent": 0}, {LEGACY}),
        ({"extraction_rollout_percent": 0, "enable_legacy_extraction": True}, {LEGACY}),
        ({"extraction_pipeline": LEGACY, "extraction_rollout_percent": 100}, {LEGACY}),
    ],
)
def test_arms_of_a_batch(changes: dict[str, object], arms: set[ExtractionPipeline]) -> None:
    for batch in BATCHES[:50]:
        assert arms_of(batch, configured(**changes)) == arms
    assert may_run_legacy(configured(**changes)) is (LEGACY in arms)


@pytest.mark.parametrize("percent", [1, 10, 30, 50, 90])
def test_rollout_share_is_about_right(percent: int) -> None:
    share = sum(is_rolled_out(batch, percent) for batch in BATCHES) / len(BATCHES) * 100
    assert abs(share - percent) < 3
    assert may_run_legacy(configured(extraction_rollout_percent=percent))


def test_rollout_only_ever_adds_batches() -> None:
    shares = [{batch for batch in BATCHES if is_rolled_out(batch, percent)} for percent in range(101)]
    assert all(before <= after for before, after in pairwise(shares))
    assert (shares[0], shares[100]) == (set(), set(BATCHES))


def test_rollout_is_the_same_everywhere() -> None:
    """A literal: another hash would send batches that are in one graph to the other."""
    assert [is_rolled_out(f"batch-{number}", 50) for number in range(8)] == [
        False,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
