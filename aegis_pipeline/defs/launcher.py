"""Dagster's default launcher, and an answer to the daemon's question whether a run still has a process."""

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from aegis_pipeline.defs.run_locks import KILLED, lock_folder, was_killed
from aegis_pipeline.settings import settings


class WatchedRunLauncher(DefaultRunLauncher):
    """Launches runs as the default launcher does; the run monitor ends those that were killed.

    The default one leaves that to the code server, which must outlive the run, and knows nothing of runs of the command
    line. Processes must see each other's locks: they share ``AEGIS_HOME``, on one machine.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes: the run monitor asks for every run that has started."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Failed where the run's lock is there and nobody holds it; else the run is taken to be running."""
        if was_killed(lock_folder(settings()), run.run_id):
            return CheckRunHealthResult(WorkerStatus.FAILED, KILLED)
        return CheckRunHealthResult(WorkerStatus.RUNNING)
