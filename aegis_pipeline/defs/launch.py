"""Running a job for one batch from the command line, into the history that Dagster's UI shows."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.defs.partitions import BATCH_TAG, batch_key, document_batches
from aegis_pipeline.defs.run_locks import end_killed_runs, lock_folder
from aegis_pipeline.defs.summaries import (
    AuditSummary,
    RebuildSummary,
    RemovalSummary,
    RunSummary,
    audit_summary,
    rebuild_summary,
    removal_summary,
    run_summary,
)
from aegis_pipeline.documents import display_path, walk
from aegis_pipeline.errors import InputError
from aegis_pipeline.events import Event
from aegis_pipeline.inbox import folder_key, shards_of
from aegis_pipeline.logs import CORRELATION_TAG, bound, event_log, new_correlation_id
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.pipeline.user_names import load_user_names
from aegis_pipeline.relations import usable_schema
from aegis_pipeline.settings import Settings

_log = event_log(__name__)
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class FolderBatches:
    """The batches that a folder is now, and those of its batches in the lake that none of its files are in any more."""

    present: tuple[str, ...]
    emptied: tuple[str, ...]


def batches_of_folder(folder: Path, configured: Settings) -> FolderBatches:
    """Divide ``folder`` as the sensor would: one batch, or several where it is large.

    Raises:
        InputError: ``folder`` is no folder.
        LakeError: what the lake has of the folder's division cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is no folder of documents. Name one: aegis run FOLDER")
    key, lake = batch_key(folder), document_lake(configured)
    # A folder without files is a batch too: what it contributed before is to leave the graph.
    present = tuple(shards_of(lake, key, tuple(walk(folder)), configured.max_batch_documents)) or (key,)
    of_folder = (batch for batch in lake.batches() if folder_key(batch)[0] == key)
    return FolderBatches(present, tuple(batch for batch in of_folder if batch not in present))


def run_batch(batch: str, folder: Path, configured: Settings) -> RunSummary:
    """Make the graph hold the documents of ``batch``, which is ``folder`` or a part of it, through every gate.

    Raises:
        InputError: a file of the user's names or the relation schema cannot be used.
        SettingsError: the relation schema has a predicate that the backend cannot state.
    """
    # A fault in the user's files is told before any work.
    load_user_names(configured.glossary, configured.aegis_merge_overrides)
    usable_schema(configured)
    config = {"raw_documents": {"config": {"folder": display_path(os.path.abspath(folder))}}}  # noqa: PTH100
    return run_summary(batch, _run("process_batch", batch, config, configured))


def retry_batch(batch: str, configured: Settings) -> RunSummary:
    """Ask the LLM again for the chunks of ``batch`` that it lost, and bring the graph up to date, through the gates.

    Raises:
        InputError: the relation schema cannot be used.
        SettingsError: the relation schema has a predicate that the backend cannot state.
    """
    usable_schema(configured)
    return run_summary(batch, _run("retry_dead_letters", batch, {}, configured))


def extract_batch(batch: str, instance: dg.DagsterInstance) -> RunSummary:
    """The phases of ``batch`` before the graph, through their gates, in the process and the history of another run."""
    return run_summary(batch, _run_on(instance, "extract_batch", batch, {}))


def audit_graph(configured: Settings, *, repair: bool) -> AuditSummary:
    """Hold the whole graph against the lake, and with ``repair`` mend what differs."""
    return audit_summary(_maintain("audit_graph", {"audited": {"config": {"repair": repair}}}, configured))


def rebuild_graph(configured: Settings) -> RebuildSummary:
    """Make the lake and the graph anew from the documents of every batch."""
    return rebuild_summary(_maintain("rebuild_from_documents", {}, configured))


def _maintain(job: str, config: dict[str, Any], configured: Settings) -> dg.ExecuteInProcessResult:
    """A job over the whole graph; ``config`` is that of its ops, by their names."""
    prepare_home(configured)
    with dg.DagsterInstance.get() as instance:
        end_killed_runs(instance, lock_folder(configured))
        return _run_on(instance, job, None, config)


def partitions(configured: Settings) -> set[str]:
    """Every batch that Dagster knows."""
    prepare_home(configured)
    with dg.DagsterInstance.get() as instance:
        return set(instance.get_dynamic_partitions(str(document_batches.name)))


def remove_batch(batch: str, configured: Settings) -> RemovalSummary:
    """Take everything that ``batch`` contributed out of the graphs, the lake and Dagster's partitions."""
    return removal_summary(batch, _run("remove_batch", batch, {}, configured))


def _run(job: str, batch: str, config: dict[str, Any], configured: Settings) -> dg.ExecuteInProcessResult:
    """``config`` is that of the job's ops, by their names."""
    prepare_home(configured)
    with dg.DagsterInstance.get() as instance:
        end_killed_runs(instance, lock_folder(configured))
        instance.add_dynamic_partitions(str(document_batches.name), [batch])
        return _run_on(instance, job, batch, config)


def _run_on(
    instance: dg.DagsterInstance, job: str, batch: str | None, config: dict[str, Any]
) -> dg.ExecuteInProcessResult:
    """``batch`` is None for a job over the whole graph."""
    from aegis_pipeline.definitions import defs

    correlation_id, tags = new_correlation_id(), {BATCH_TAG: batch} if batch else {}
    with bound(correlation_id=correlation_id, batch=batch or ""):
        _log.info(Event.BATCH_START, job=job)
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=batch,
            run_config={"ops": config, **_QUIET},
            raise_on_error=False,
            tags={**tags, CORRELATION_TAG: correlation_id},
        )
        failed = sorted(result.get_failed_step_keys())
        _log.info(Event.BATCH_END, job=job, run_id=result.run_id, success=result.success, failed_steps=failed)
    return result
