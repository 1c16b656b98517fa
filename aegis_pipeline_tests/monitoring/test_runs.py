"""What the metrics say of real runs, held against the lake; that each run counts once, whatever happens beside it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from unittest import mock

import dagster as dg
import pytest

from aegis_pipeline import tables
from aegis_pipeline.defs.retention import purge
from aegis_pipeline.errors import ModelError
from aegis_pipeline.monitoring import event_log, metrics
from aegis_pipeline.monitoring.collector import PipelineCollector
from aegis_pipeline.monitoring.event_log import update_state
from aegis_pipeline.monitoring.metrics import METRICS, Metric
from aegis_pipeline.monitoring.runs import samples_of
from aegis_pipeline.monitoring.state import MetricState, Sample
from aegis_pipeline_tests.monitoring.conftest import TEXTS, Watched

pytestmark = pytest.mark.dagster

Exposed = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def state(tmp_path: Path) -> MetricState:
    return MetricState(tmp_path / "metrics.sqlite")


@pytest.fixture
def exposed(watched: Watched, state: MetricState) -> Exposed:
    """What a first scrape of the home gets."""
    return scrape(watched, state)


def scrape(watched: Watched, state: MetricState) -> Exposed:
    families = PipelineCollector(state, watched.instance, watched.lake).collect()
    return {(each.name, tuple(each.labels.values())): each.value for family in families for each in family.samples}


def sums(state: MetricState) -> dict[str, object]:
    return {metric.name: state.sums(metric) for metric in METRICS}


def of(exposed: Exposed, metric: Metric) -> dict[tuple[str, ...], float]:
    """Without the label sets that no run has had."""
    return {labels: value for (name, labels), value in exposed.items() if name == metric.name and value}


def test_totals_are_those_of_the_lake(watched: Watched, exposed: Exposed) -> None:
    batches = [watched.runs[name].batch for name in ("good", "degraded")]
    types = Counter(entity.type for batch in batches for entity in watched.lake.read(batch, tables.ENTITIES))
    relations = sum(len(watched.lake.read(batch, tables.RELATIONS)) for batch in batches)
    files = Counter(
        row.status.value for run in watched.runs.values() for row in watched.lake.read(run.batch, tables.MANIFEST)
    )
    assert types
    assert relations
    assert of(exposed, metrics.ENTITIES) == {(kind, "three_phase"): count for kind, count in types.items()}
    assert of(exposed, metrics.RELATIONS) == {("three_phase",): relations}
    assert of(exposed, metrics.DOCUMENTS) == {(status,): count for status, count in files.items()}


def test_the_histogram_has_each_computed_document_once(watched: Watched, exposed: Exposed) -> None:
    made = [run.assets for run in watched.runs.values()]
    seconds = sum(assets["ner_entities"]["aegis/seconds"] for assets in made if "ner_entities" in assets)
    total = f"{metrics.DURATION.name}_count"
    counts = {labels[0]: value for (name, labels), value in exposed.items() if name == total and value}
    of_phase = ("mentions", "three_phase")
    buckets = [v for (name, labels), v in exposed.items() if name.endswith("_bucket") and labels[:2] == of_phase]
    assert counts == dict.fromkeys(("documents", "mentions", "entities", "relations", "graph"), 2 * len(TEXTS))
    assert buckets == sorted(buckets)
    assert buckets[-1] == 2 * len(TEXTS)
    assert exposed[f"{metrics.DURATION.name}_sum", of_phase] == pytest.approx(seconds, abs=0.01)


def test_what_went_wrong_is_counted(watched: Watched, exposed: Exposed) -> None:
    (status,) = {row.status.value for row in watched.lake.read(watched.runs["failed"].batch, tables.MANIFEST)}
    assert of(exposed, metrics.ERRORS) == {
        ("documents", status, "error"): 2,
        ("documents", "gate", "critical"): 1,
        ("mentions", "degraded", "warning"): len(TEXTS),
    }
    assert of(exposed, metrics.DEGRADATIONS)["mentions",] == len(TEXTS)
    gates = {labels: n for labels, n in of(exposed, metrics.GATES).items() if labels[0] == "documents_parse_rate"}
    assert gates == {("documents_parse_rate", result): 1 for result in ("passed", "warned", "failed")}
    assert of(exposed, metrics.RUNS) == {("process_batch", "success"): 2, ("process_batch", "failure"): 1}


def test_only_runs_that_succeeded_have_a_last_success(watched: Watched, exposed: Exposed) -> None:
    ended = {
        watched.runs[n].batch: watched.instance.get_run_stats(watched.runs[n].run_id) for n in ("good", "degraded")
    }
    found = of(exposed, metrics.LAST_SUCCESS)
    assert {batch: pytest.approx(stats.end_time, abs=1) for batch, stats in ended.items()} == {
        batch: value for (batch,), value in found.items()
    }


def test_a_restarted_collector_goes_on_from_where_it_was(
    watched: Watched, state: MetricState, exposed: Exposed
) -> None:
    again = scrape(watched, state)
    changing = (metrics.BEHIND.name, ())
    assert {**again, changing: 0} == {**exposed, changing: 0}


def test_two_collectors_at_once_count_a_run_once(watched: Watched, tmp_path: Path, exposed: Exposed) -> None:
    both = Barrier(2)

    class Racing(MetricState):
        """Both read the same runs before one of them writes."""

        raced = False

        def place(self, log: str) -> str | None:
            found = super().place(log)
            if not self.raced:
                self.raced = True
                both.wait(30)
            return found

    states = [Racing(tmp_path / "raced.sqlite") for _ in range(2)]
    threads = [Thread(target=update_state, args=(state, watched.instance)) for state in states]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(state.raced for state in states)
    assert states[0].sums(metrics.RUNS) == {labels: {"": n} for labels, n in of(exposed, metrics.RUNS).items()}


def test_killed_after_reading_nothing_is_counted_and_the_next_time_all_is(
    watched: Watched, state: MetricState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def die_at_the_second(job: str, *run: object) -> list[object]:
        read.append(job)
        if len(read) == 2:
            raise KeyboardInterrupt
        return samples_of(job, *run)  # type: ignore[arg-type, return-value]

    killed = MetricState(tmp_path / "killed.sqlite")
    with monkeypatch.context() as patch:
        patch.setattr(event_log, "samples_of", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            update_state(killed, watched.instance)
    assert not any(sums(killed).values())
    assert update_state(killed, watched.instance) == 3
    update_state(state, watched.instance)
    assert sums(killed) == sums(state)
    assert update_state(killed, watched.instance) == 0


def test_a_purge_counts_what_it_removes(state: MetricState) -> None:
    @dg.job
    def any_job() -> None:
        pass

    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(3):
            any_job.execute_in_process(instance=instance)
        later = datetime.now(UTC) + timedelta(days=91)
        with mock.patch("aegis_pipeline.defs.retention.datetime", now=lambda _: later):
            assert purge(instance, 90, state) == 2
        assert state.sums(metrics.RUNS) == {("any_job", "success"): {"": 3}}
        assert update_state(state, instance) == 0


def test_a_run_that_fails_twice_counts_once(state: MetricState) -> None:
    @dg.job
    def any_job() -> None:
        pass

    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(any_job)
        for scrapes in (1, 0):
            instance.report_run_failed(run, "it was found dead")
            assert update_state(state, instance) == scrapes
        assert state.sums(metrics.RUNS) == {("any_job", "failure"): {"": 1}}


def test_a_batch_that_was_removed_has_no_last_success(watched: Watched, state: MetricState) -> None:
    there = scrape(watched, state)
    place = state.place("success")
    assert state.add([Sample(metrics.LAST_SUCCESS, ("removed",), 9e9)], "success", place, str(place))
    assert of(scrape(watched, state), metrics.LAST_SUCCESS) == of(there, metrics.LAST_SUCCESS)


def test_a_run_that_failed_tells_retries_and_the_error_and_sets_no_gauge() -> None:
    @dg.asset(retry_policy=dg.RetryPolicy(max_retries=1))
    def relations() -> None:
        raise ModelError("it is away")

    @dg.asset
    def deduplicated_entities() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"aegis/dedup_reduction": 0.5})

    result = dg.materialize([relations, deduplicated_entities], raise_on_error=False)
    told = {(s.metric, s.labels): s.value for s in samples_of("job", "failure", result.all_events, 1.0)}
    assert told == {
        (metrics.RUNS, ("job", "failure")): 1,
        (metrics.RETRIES, ("relations",)): 1,
        (metrics.ERRORS, ("relations", "ModelError", "critical")): 1,
    }
    gauges = {s.metric for s in samples_of("job", "success", result.all_events, 1.0)}
    assert metrics.DEDUP_REDUCTION in gauges


def test_peak_of_a_phase_on_a_gpu_is_that_of_the_last_run_that_succeeded() -> None:
    @dg.asset
    def relations() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"aegis/peak_vram_bytes": 3 * 10**9})

    events = dg.materialize([relations]).all_events
    told = {(s.metric, s.labels): s.value for s in samples_of("job", "success", events, 1.0)}
    assert told[metrics.PEAK_VRAM, ("relations",)] == 3e9
    assert metrics.PEAK_VRAM not in {s.metric for s in samples_of("job", "failure", events, 1.0)}


def test_a_run_that_was_killed_is_an_error_of_its_own() -> None:
    told = samples_of("job", "failure", [], 1.0)
    assert [(s.metric, s.labels) for s in told] == [
        (metrics.RUNS, ("job", "failure")),
        (metrics.ERRORS, ("run", "killed", "critical")),
    ]
