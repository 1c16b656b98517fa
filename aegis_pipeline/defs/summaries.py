"""How a run that the command line launched ended, as plain records."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dagster as dg

from aegis_pipeline.logs import CORRELATION_TAG
from aegis_pipeline.pipeline.audit import AuditReport

_OUR_ERRORS = "aegis_pipeline.errors."


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


def run_summary(batch: str, result: dg.ExecuteInProcessResult) -> RunSummary:
    """Of a job that materializes the batch's assets."""
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


def removal_summary(batch: str, result: dg.ExecuteInProcessResult) -> RemovalSummary:
    """Of ``remove_batch``."""
    outputs = (event.step_output_data.metadata for event in result.all_events if event.is_successful_output)
    values = {name: value.value for metadata in outputs for name, value in metadata.items()}
    return RemovalSummary(batch, result.run_id, result.success, values, _first_error(result.all_events))


def audit_summary(result: dg.ExecuteInProcessResult) -> AuditSummary:
    """Of ``audit_graph``."""
    audited = "audited" not in result.get_failed_step_keys()
    report = result.output_for_node("audited") if audited else None
    return AuditSummary(result.success, report, _first_error(result.all_events))


def rebuild_summary(result: dg.ExecuteInProcessResult) -> RebuildSummary:
    """Of ``rebuild_from_documents``."""
    batches = result.output_for_node("graph_written_anew") if result.success else 0
    return RebuildSummary(result.success, batches, _first_error(result.all_events))


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
