"""Running a job for one batch from the command line, into the history that Dagster's UI shows."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.defs.partitions import batch_key, document_batches
from aegis_pipeline.errors import InputError
from aegis_pipeline.pipeline.user_names import load_user_names
from aegis_pipeline.relations import usable_schema
from aegis_pipeline.settings import Settings

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

    ``failed_steps``: an asset's step has its key, the step of a gate behind it begins with that.
    """

    batch: str
    run_id: str
    success: bool
    assets: dict[str, dict[str, Any]]
    gates: tuple[Gate, ...]
    error: str | None
    failed_steps: frozenset[str] = frozenset()


def run_folder(folder: Path, configured: Settings) -> RunSummary:
    """Make the graph hold the documents of ``folder``, through every gate.

    Raises:
        InputError: ``folder`` is no folder, or a file of the user's names or the relation schema cannot be used.
        SettingsError: the relation schema has a predicate that the backend cannot state.
    """
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is no folder of documents. Name one: aegis run FOLDER")
    # A fault in the user's files is told before any work.
    load_user_names(configured.glossary, configured.aegis_merge_overrides)
    config = {"raw_documents": {"config": {"folder": os.path.abspath(folder)}}}  # noqa: PTH100
    return _run("process_batch", batch_key(folder), config, configured)


def retry_batch(batch: str, configured: Settings) -> RunSummary:
    """Ask the LLM again for the chunks of ``batch`` that it lost, and bring the graph up to date, through the gates.

    Raises:
        InputError: the relation schema cannot be used.
        SettingsError: the relation schema has a predicate that the backend cannot state.
    """
    return _run("retry_dead_letters", batch, {}, configured)


def _run(job: str, batch: str, config: dict[str, Any], configured: Settings) -> RunSummary:
    """``config`` is that of the job's ops, by their names."""
    usable_schema(configured)
    prepare_home(configured)
    from aegis_pipeline.definitions import defs

    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(str(document_batches.name), [batch])
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=batch,
            run_config={"ops": config, **_QUIET},
            raise_on_error=False,
            tags={"aegis/batch": batch},
        )
    return RunSummary(
        batch,
        result.run_id,
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
