"""The plan's metrics of success in SPRINT_14.md, each with the figure that was measured for it."""

from collections.abc import Iterator

from docs_tables import result, table

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults
from aegis_pipeline.benchmarks.report.targets import EMBEDDED, PRODUCTION, TARGETS

_BENCHMARK = "[performance](PERFORMANCE_BENCHMARKS.md)"
_RUNS = "[the guide](CI_CD_GUIDE.md#how-often-it-passes)"


def sprint_tables() -> dict[str, str]:
    """Name of a place in the page → its table."""
    head = ("metric", "asked for", "embedded profile", "production profile", "where")
    return {"success": table(head, [*_of_the_pipeline(), *_of_the_suite()])}


def _of_the_pipeline() -> Iterator[tuple[str, ...]]:
    found = BenchmarkResults.model_validate(result("benchmark_results_sprint14"))
    for target in TARGETS:
        yield target.name, target.bound, target.told(found, EMBEDDED), target.told(found, PRODUCTION), _BENCHMARK


def _of_the_suite() -> Iterator[tuple[str, ...]]:
    """The suite has both profiles in it: one figure for the two."""
    found = result("ci-runs")["test"]
    runs = found["runs"]
    for name, bound, figure in (
        ("end-to-end tests that pass", "100 %", f"all, in {sum(run['passed'] for run in runs)} of {len(runs)} runs"),
        ("coverage of lines", "≥ 80 %", f"{min(run['coverage'] for run in runs)} %"),
        ("build: the whole suite on two processors", "< 20 min", f"{max(run['seconds'] for run in runs) / 60:.1f} min"),
        ("runs that pass", "≥ 95 %", f"{100 * found['success rate']:.0f} %"),
        ("runs with a flaky test", "< 5 %", f"{100 * found['flaky rate']:.0f} %"),
    ):
        yield name, bound, figure, "the same", _RUNS
