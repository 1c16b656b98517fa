"""The history that is let go: old runs, with their events and the output of their steps. Old ticks Dagster removes."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from aegis_pipeline.defs.partitions import PARTITION_TAG
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.monitoring.collector import metric_state
from aegis_pipeline.monitoring.event_log import update_state
from aegis_pipeline.monitoring.state import MetricState
from aegis_pipeline.settings import settings

_log = event_log(__name__)
_PAGE = 500


def expired_runs(newest_first: Iterable[dg.RunRecord], before: datetime) -> list[str]:
    """Ids of the runs that ended before ``before``.

    The newest run of each job and partition stays, and the newest that succeeded: what Dagster shows of a batch and of
    its gates comes from them, and a sensor knows by them what it has asked for.
    """
    shown: set[object] = set()
    expired = []
    for record in newest_first:
        run = record.dagster_run
        of = (run.job_name, run.asset_selection, run.tags.get(PARTITION_TAG))
        new = {of, (*of, run.status)} if run.is_success else {of}
        is_shown = not new <= shown
        shown |= new
        if run.is_finished and not is_shown and record.end_time is not None and record.end_time < before.timestamp():
            expired.append(run.run_id)
    return expired


def purge(instance: dg.DagsterInstance, days: int, metrics: MetricState) -> int:
    """Remove the runs that ended more than ``days`` days ago, and count them. ``metrics`` has what they say before."""
    update_state(metrics, instance)
    expired = expired_runs(_newest_first(instance), datetime.now(UTC) - timedelta(days=days))
    for run_id in expired:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
    return len(expired)


def _newest_first(instance: dg.DagsterInstance) -> Iterator[dg.RunRecord]:
    cursor = None
    while page := instance.get_run_records(limit=_PAGE, cursor=cursor):
        yield from page
        cursor = page[-1].dagster_run.run_id


@dg.op
def purged(context: dg.OpExecutionContext) -> None:
    """Runs older than RUN_RETENTION_DAYS are removed, and counted in the output's metadata."""
    count = purge(context.instance, settings().run_retention_days, metric_state(settings()))
    _log.info(Event.RUNS_PURGED, count=count, days=settings().run_retention_days)
    context.add_output_metadata({"aegis/runs_purged": count})


@dg.job(executor_def=dg.in_process_executor)
def purge_runs() -> None:
    """Old runs are removed with their events and the output of their steps; what is shown of each batch stays."""
    purged()


nightly_purge = dg.ScheduleDefinition(
    name="nightly_purge",
    job=purge_runs,
    cron_schedule="0 4 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Runs older than RUN_RETENTION_DAYS are removed.",
)
