"""What one run that has ended says for the metrics: its events in, samples out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg

from aegis_pipeline.monitoring import metrics
from aegis_pipeline.monitoring.known_labels import KILLED, OUR_ERRORS, PHASES, STOPPED, UNEXPECTED
from aegis_pipeline.monitoring.metrics import Kind
from aegis_pipeline.monitoring.state import Sample
from aegis_pipeline.pipeline.error_counts import Severity
from aegis_pipeline.pipeline.metering import BUCKETS

EVENTS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_UP_FOR_RETRY,
    dg.DagsterEventType.STEP_FAILURE,
}
_TOKENS = {"aegis/llm/prompt_tokens": "prompt", "aegis/llm/answer_tokens": "answer"}


def samples_of(job: str, status: str, events: Iterable[dg.DagsterEvent], ended: float) -> list[Sample]:
    """Everything that a run of ``job`` adds to the metrics; ``ended`` is its time in seconds since 1970.

    Only runs that succeeded set gauges: they are read in the order of their ends, the failed ones apart from them.
    """
    events = list(events)
    samples = [Sample(metrics.RUNS, (job, status), 1)]
    for event in events:
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            samples += _of_materialization(event.step_materialization_data.materialization, ended)
        elif event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            samples.append(_of_gate(event.asset_check_evaluation_data))
        elif event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY:
            samples.append(Sample(metrics.RETRIES, (_phase_of_step(event),), 1))
        elif event.event_type is dg.DagsterEventType.STEP_FAILURE:
            samples.append(_critical(_phase_of_step(event), _error_type(event)))
    if status == "failure" and not any(event.is_step_failure for event in events):
        samples.append(_critical("run", KILLED))
    return [sample for sample in samples if status == "success" or sample.metric.kind is not Kind.GAUGE]


def _of_materialization(made: dg.AssetMaterialization, ended: float) -> Iterator[Sample]:
    if made.asset_key.to_user_string() not in PHASES:
        return
    phase, pipeline = PHASES[made.asset_key.to_user_string()]
    told = {name: getattr(value, "value", None) for name, value in made.metadata.items()}
    yield from _durations(told, phase, pipeline)
    yield from (Sample(metrics.ENTITIES, (kind, pipeline), n) for kind, n in _under(told, "aegis/new_entities/"))
    for kind_and_severity, count in _under(told, "aegis/errors/"):
        kind, severity = kind_and_severity.split("/")
        yield Sample(metrics.ERRORS, (phase, kind, severity), count)
    yield from (Sample(metrics.DOCUMENTS, (status,), count) for status, count in _files(told))
    yield from _single(told, phase, pipeline)
    if phase == "graph" and made.partition:
        yield Sample(metrics.LAST_SUCCESS, (made.partition,), ended)


def _single(told: Mapping[str, Any], phase: str, pipeline: str) -> Iterator[Sample]:
    """The metrics that are one number of the metadata each."""
    for name, metric, labels in (
        ("aegis/new_relations", metrics.RELATIONS, (pipeline,)),
        ("aegis/degraded", metrics.DEGRADATIONS, (phase,)),
        ("aegis/dedup_reduction", metrics.DEDUP_REDUCTION, ()),
        ("aegis/peak_vram_bytes", metrics.PEAK_VRAM, (phase,)),
        ("aegis/llm/calls", metrics.LLM_CALLS, (pipeline,)),
        *((name, metrics.LLM_TOKENS, (kind, pipeline)) for name, kind in _TOKENS.items()),
    ):
        if told.get(name) is not None:
            yield Sample(metric, labels, told[name])


def _durations(told: Mapping[str, Any], phase: str, pipeline: str) -> Iterator[Sample]:
    if (found := told.get("aegis/durations")) is None:
        return
    for bound, count in zip(BUCKETS, found["buckets"], strict=True):
        yield Sample(metrics.DURATION, (phase, pipeline), count, bound)
    yield Sample(metrics.DURATION, (phase, pipeline), found["seconds"], "sum")


def _files(told: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Parsed documents are those that the run computed; of the other files, each run tells anew."""
    for status, count in _under(told, "aegis/files/"):
        yield status, told["aegis/documents/computed"] if status == "parsed" else count


def _under(told: Mapping[str, Any], prefix: str) -> list[tuple[str, float]]:
    return [(name.removeprefix(prefix), value) for name, value in told.items() if name.startswith(prefix)]


def _of_gate(check: dg.AssetCheckEvaluation) -> Sample:
    stopped = "failed" if check.severity is dg.AssetCheckSeverity.ERROR else "warned"
    return Sample(metrics.GATES, (check.check_name, "passed" if check.passed else stopped), 1)


def _critical(phase: str, error_type: str) -> Sample:
    return Sample(metrics.ERRORS, (phase, error_type, Severity.CRITICAL.value), 1)


def _phase_of_step(event: dg.DagsterEvent) -> str:
    """The step of an asset has its name, that of a gate behind it begins with that."""
    step = event.step_key or ""
    return next((phase for asset, (phase, _) in PHASES.items() if step == asset or step.startswith(f"{asset}_")), "run")


def _error_type(event: dg.DagsterEvent) -> str:
    """The name of our own error in the chain of causes, ``gate`` where one stopped the step, else ``unexpected``."""
    error = event.step_failure_data.error
    while error is not None:
        if error.cls_name == "DagsterAssetCheckFailedError":
            return STOPPED
        if error.cls_name in OUR_ERRORS:
            return str(error.cls_name)
        error = error.cause
    return UNEXPECTED
