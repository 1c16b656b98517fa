"""Which runs still have a process: each holds a lock on a file of its own, which the kernel lets go of when it dies.

Dagster's default launcher cannot tell, and a run of the command line has no launcher at all: killed, either would be
shown as running for ever, and keep its slots in the pools.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.settings import Settings

_log = event_log(__name__)
KILLED = "The process of this run was killed. Its batch can be run again: what it had finished is kept."


def lock_folder(configured: Settings) -> Path:
    """Where the locks of this home's runs are."""
    return configured.home / "runs"


@contextmanager
def holding_run_lock(folder: Path, run_id: str) -> Iterator[None]:
    """While the block runs, the run has a process: this one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run_id}.lock"
    with FileLock(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def was_killed(folder: Path, run_id: str) -> bool:
    """Whether the run had a process that ended without letting go of its lock; False where nothing is known of it."""
    path = folder / f"{run_id}.lock"
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return True
    except Timeout:
        return False


def end_killed_runs(instance: dg.DagsterInstance, folder: Path) -> list[str]:
    """Mark the runs whose process was killed as failed, free their slots in the pools, and give their ids."""
    found = (path.stem for path in sorted(folder.glob("*.lock")))
    return [run_id for run_id in found if was_killed(folder, run_id) and _end(instance, folder, run_id)]


def _end(instance: dg.DagsterInstance, folder: Path, run_id: str) -> bool:
    """Whether it was a run of this instance."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        return False
    if not run.is_finished:
        instance.report_run_failed(run, KILLED)
    instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    (folder / f"{run_id}.lock").unlink(missing_ok=True)
    _log.warning(Event.KILLED_RUN_ENDED, run_id=run_id)
    return True
