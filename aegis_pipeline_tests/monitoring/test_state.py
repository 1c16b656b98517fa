"""The sums: what is counted, when nothing is, and that the file stays small."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_pipeline.monitoring.metrics import DEDUP_REDUCTION, DURATION, LAST_SUCCESS, RUNS
from aegis_pipeline.monitoring.state import MetricState, Sample

RUN = Sample(RUNS, ("process_batch", "success"), 1)
ONE = {("process_batch", "success"): {"": 1.0}}


@pytest.fixture
def state(tmp_path: Path) -> MetricState:
    return MetricState(tmp_path / "monitoring" / "metrics.sqlite")


def test_counters_and_histograms_are_added_up_and_gauges_are_set(state: MetricState) -> None:
    labels = ("graph", "three_phase")
    samples = [RUN, Sample(DURATION, labels, 2, "0.5"), Sample(DURATION, labels, 0.7, "sum")]
    assert state.add([*samples, Sample(DEDUP_REDUCTION, (), 0.9)], "success", None, "1")
    assert state.add([*samples, Sample(DEDUP_REDUCTION, (), 0.4)], "success", "1", "2")
    assert state.sums(RUNS) == {("process_batch", "success"): {"": 2}}
    assert state.sums(DURATION) == {labels: {"0.5": 4, "sum": 1.4}}
    assert state.sums(DEDUP_REDUCTION) == {(): {"": 0.4}}


def test_what_another_process_has_counted_is_not_counted_again(state: MetricState) -> None:
    assert state.add([RUN], "success", None, "1")
    assert not state.add([RUN], "success", None, "1")
    assert (state.sums(RUNS), state.place("success")) == (ONE, "1")


def test_an_end_in_the_middle_of_a_write_leaves_the_state_as_it_was(state: MetricState) -> None:
    def dying() -> Iterator[Sample]:
        yield RUN
        raise KeyboardInterrupt

    state.add([RUN], "success", None, "1")
    with pytest.raises(KeyboardInterrupt):
        state.add(dying(), "success", "1", "2")
    assert (state.sums(RUNS), state.place("success")) == (ONE, "1")


def test_only_the_newest_batches_have_a_last_success(state: MetricState) -> None:
    state.add([Sample(LAST_SUCCESS, (f"batch {n}",), n) for n in range(300)], "success", None, "1")
    state.add([Sample(LAST_SUCCESS, ("batch 0",), 1_000)], "success", "1", "2")
    kept = state.sums(LAST_SUCCESS)
    assert len(kept) == 200
    assert {("batch 0",), ("batch 299",)} <= kept.keys()
    assert ("batch 100",) not in kept
