"""Why a run failed, in words that hold no text of a document."""

from collections.abc import Iterable

import dagster as dg

from aegis_pipeline.alerting import RunFailure
from aegis_pipeline.defs.partitions import BATCH_TAG, PARTITION_TAG

_OUR_ERRORS = "aegis_pipeline.errors."


def failure_of(run: dg.DagsterRun, instance: dg.DagsterInstance, said: str, ui: str | None) -> RunFailure:
    """What stopped ``run``: a gate, else a step; ``said`` is what Dagster says of a run whose process was lost.

    ``ui`` is the address of Dagster's UI.
    """
    failed, error = _stopped_by_gate(run, instance) or _stopped_by_step(run, instance) or (None, said)
    return RunFailure(
        job=run.job_name,
        batch=run.tags.get(PARTITION_TAG) or run.tags.get(BATCH_TAG),
        run_id=run.run_id,
        failed=failed,
        error=error,
        link=f"{ui.rstrip('/')}/runs/{run.run_id}" if ui else None,
    )


def _stopped_by_gate(run: dg.DagsterRun, instance: dg.DagsterInstance) -> tuple[str, str] | None:
    for event in _events(run, instance, dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        found = event.asset_check_evaluation_data
        if not found.passed and found.severity is dg.AssetCheckSeverity.ERROR:
            return found.check_name, found.description or "The gate failed."
    return None


def _stopped_by_step(run: dg.DagsterRun, instance: dg.DagsterInstance) -> tuple[str, str] | None:
    for event in _events(run, instance, dg.DagsterEventType.STEP_FAILURE):
        return event.step_key or run.job_name, _told(event)
    return None


def _told(event: dg.DagsterEvent) -> str:
    """Our own error in the chain of causes with its message; of another only the kind: its message may quote a text."""
    error, kind = event.step_failure_data.error, "unknown error"
    while error is not None:
        if error.message.startswith(_OUR_ERRORS):
            return error.message.removeprefix(_OUR_ERRORS).strip()
        kind, error = error.cls_name or kind, error.cause
    return kind


def _events(run: dg.DagsterRun, instance: dg.DagsterInstance, kind: dg.DagsterEventType) -> Iterable[dg.DagsterEvent]:
    records = instance.get_records_for_run(run.run_id, of_type=kind).records
    return [r.event_log_entry.dagster_event for r in records if r.event_log_entry.dagster_event is not None]
