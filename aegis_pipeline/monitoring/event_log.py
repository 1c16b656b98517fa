"""Bringing the metrics' state up to date with the runs that have ended since."""

from collections.abc import Iterator

import dagster as dg

from aegis_pipeline.monitoring.runs import EVENTS, samples_of
from aegis_pipeline.monitoring.state import MetricState, Sample

_ENDED = {
    "success": dg.DagsterEventType.RUN_SUCCESS,
    "failure": dg.DagsterEventType.RUN_FAILURE,
    "canceled": dg.DagsterEventType.RUN_CANCELED,
}
_PAGE = 50  # runs between two writes of the state


def update_state(state: MetricState, instance: dg.DagsterInstance) -> int:
    """Count every run that has ended since the last time; how many there were.

    The cost is that of these runs: earlier ones are not looked at. Safe to be called from several processes.
    """
    return sum(_update(state, instance, status, kind) for status, kind in _ENDED.items())


def _update(state: MetricState, instance: dg.DagsterInstance, status: str, kind: dg.DagsterEventType) -> int:
    counted = 0
    while True:
        before = state.place(status)
        page = instance.fetch_run_status_changes(kind, limit=_PAGE, cursor=before, ascending=True)
        if not page.records:
            return counted
        ended = [record for record in page.records if _is_first(instance, kind, record)]
        samples = [sample for record in ended for sample in _of_run(instance, status, record)]
        if state.add(samples, status, before, page.cursor):
            counted += len(ended)


def _is_first(instance: dg.DagsterInstance, kind: dg.DagsterEventType, record: dg.EventLogRecord) -> bool:
    """Whether the run had not ended before: one that was found dead may end once more, by its own hand."""
    ends = instance.get_records_for_run(record.run_id, of_type=kind, limit=1, ascending=True).records
    # Not by their ids: in SQLite, a run's own log and the one over all runs each have theirs.
    return all(first.event_log_entry == record.event_log_entry for first in ends)


def _of_run(instance: dg.DagsterInstance, status: str, record: dg.EventLogRecord) -> list[Sample]:
    log = record.event_log_entry
    events = _events(instance, log.run_id)
    return samples_of(str(log.job_name), status, events, log.timestamp)


def _events(instance: dg.DagsterInstance, run_id: str) -> Iterator[dg.DagsterEvent]:
    cursor = None
    while True:
        page = instance.get_records_for_run(run_id, cursor=cursor, of_type=EVENTS, ascending=True)
        yield from (record.event_log_entry.get_dagster_event() for record in page.records)
        if not page.has_more:
            return
        cursor = page.cursor
