"""Running a job for one batch from the command line, into the history that Dagster's UI shows."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.defs.partitions import BATCH_TAG, batch_key, document_batches
from aegis_pipeline.defs.run_locks import end_killed_runs, lock_folder
from aegis_pipeline.documents import display_path, walk
from aegis_pipeline.errors import InputError
from aegis_pipeline.events import Event
from aegis_pipeline.inbox import folder_key, shards_of
from aegis_pipeline.logs import CORRELATION_TAG, bound, event_log, new_correlation_id
from aegis_pipeline.pipeline.audit import AuditReport
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.pipeline.user_names import load_user_names
from aegis_pipeline.relations import usable_schema
from aegis_pipeline.settings import Settings

_log = event_log(__name__)
_OUR_ERRORS = "aegis_pipeline.errors."
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class Gate:
    """How one gate ended; ``severity`` is WARN where it stops nothing."""

    name: str
    passed: bool
    severity: str
    description: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run: what each asset's metadata says (by asset key, plain values), the gates, and what went wrong.

    ``correlation_id`` is what the run's lines in the log have in common.
    ``failed_steps``: an asset's step has its key, the step of a gate behind it begins with that.
    """

    batch: str
    run_id: str
    correlation_id: str
    success: bool
    assets: dict[str, dict[str, Any]]
    gates: tuple[Gate, ...]
    error: str | None
    failed_steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemovalSummary:
    """One run of ``remove_batch``: what it removed, as its metadata says, and what went wrong."""

    batch: str
    run_id: str
    success: bool
    removed: dict[str, Any]
    error: str | None


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """One audit: its report, None where it could not be made, and why it is red."""

    success: bool
    report: AuditReport | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RebuildSummary:
    """One rebuild: how many batches the graph was made from, and what went wrong."""

    success: bool
    batches: int
    error: str | None


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
    return _summary(batch, _run("process_batch", batch, config, configured))


def retry_batch(batch: str, configured: Settings) -> RunSummary:
    """Ask the LLM again for the chunks of ``batch`` that it lost, and bring the graph up to date, through the gates.

    Raises:
        InputError: the relation schema cannot be used.
        SettingsError: the relation schema has a predicate that the backend cannot state.
    """
    usable_schema(configured)
    return _summary(batch, _run("retry_dead_letters", batch, {}, configured))


def extract_batch(batch: str, instance: dg.DagsterInstance) -> RunSummary:
    """The phases of ``batch`` before the graph, through their gates, in the process and the history of another run."""
    return _summary(batch, _run_on(instance, "extract_batch", batch, {}))


def audit_graph(configured: Settings, *, repair: bool) -> AuditSummary:
    """Hold the whole graph against the lake, and with ``repair`` mend what differs."""
    result = _maintain("audit_graph", {"audited": {"config": {"repair": repair}}}, configured)
    audited = "audited" not in result.get_failed_step_keys()
    report = result.output_for_node("audited") if audited else None
    return AuditSummary(result.success, report, _first_error(result.all_events))


def rebuild_graph(configured: Settings) -> RebuildSummary:
    """Make the lake and the graph anew from the documents of every batch."""
    result = _maintain("rebuild_from_documents", {}, configured)
    batches = result.output_for_node("graph_written_anew") if result.success else 0
    return RebuildSummary(result.success, batches, _first_error(result.all_events))


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
    result = _run("remove_batch", batch, {}, configured)
    outputs = (event.step_output_data.metadata for event in result.all_events if event.is_successful_output)
    values = {name: value.value for metadata in outputs for name, value in metadata.items()}
    return RemovalSummary(batch, result.run_id, result.success, values, _first_error(result.all_events))


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


def _summary(batch: str, result: dg.ExecuteInProcessResult) -> RunSummary:
    return RunSummary(
        batch,
        result.run_id,
        result.dagster_run.tags[CORRELATION_TAG],
        result.success,
        {key: metadata for event in result.get_asset_materialization_events() for key, metadata in [_asset(event)]},
        tuple(_gate(check) for check in result.get_asset_check_evaluations()),
        _first_error(result.all_events),
        frozenset(result.get_failed_step_keys()),
    )


def _asset(event: dg.DagsterEvent) -> tuple[str, dict[str, Any]]:
    materialization = event.step_materialization_data.materialization
    values = {name: getattr(value, "value", None) for name, value in materialization.metadata.items()}
    return materialization.asset_key.to_user_string(), values


def _gate(check: dg.AssetCheckEvaluation) -> Gate:
    return Gate(check.check_name, check.passed, check.severity.value, check.description or "")


def _first_error(events: Iterable[dg.DagsterEvent]) -> str | None:
    """Why the first step that failed by an exception did: our own error in the chain of causes, else the innermost."""
    for event in events:
        if event.is_step_failure and (error := event.step_failure_data.error) is not None:
            while error.cause is not None and not error.message.startswith(_OUR_ERRORS):
                error = error.cause
            return error.message.removeprefix(_OUR_ERRORS).strip()
    return None
