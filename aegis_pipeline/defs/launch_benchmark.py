"""Running the benchmark from the command line, into the history that Dagster's UI shows."""

import dagster as dg

from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.errors import ModelError
from aegis_pipeline.settings import Settings

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run_cell(variant: str, scenario: str, configured: Settings) -> None:
    """Measure and score one cell.

    Raises:
        ModelError: it failed; says why.
    """
    _run("run_benchmark", dg.MultiPartitionKey({"variant": variant, "scenario": scenario}), configured)


def run_report(configured: Settings) -> None:
    """The comparison and the report of all cells that there are.

    Raises:
        ModelError: it failed; says why.
    """
    _run("report_benchmark", None, configured)


def _run(job: str, partition: dg.MultiPartitionKey | None, configured: Settings) -> None:
    from aegis_pipeline.definitions import defs

    prepare_home(configured)
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance, partition_key=partition, run_config=_QUIET, raise_on_error=False
        )
        if not result.success:
            raise ModelError(f"{job} {partition or ''} failed: {_reason(result)}")


def _reason(result: dg.ExecuteInProcessResult) -> str:
    failures = (event.step_failure_data.error for event in result.all_events if event.is_step_failure)
    errors = [error.cause or error for error in failures if error]
    return "; ".join(error.message.strip() for error in errors) or "see aegis ui"
