"""The plan's metrics of success in SPRINT_14.md, each with the figure that was measured for it."""

from collections.abc import Iterator
from typing import Any

from docs_tables import result, table

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults
from aegis_pipeline.benchmarks.report.targets import EMBEDDED, PRODUCTION, TARGETS

_BENCHMARK = "[performance](PERFORMANCE_BENCHMARKS.md)"
_RUNS = "[the guide](CI_CD_GUIDE.md#how-often-it-passes)"
_COMMAND = "python scripts/measure_flakiness.py test 10"
_BOUNDS = {
    "end-to-end tests that pass": "100 %",
    "coverage of lines, by the tests without models alone": "≥ 80 %",
    "build: the whole suite on two processors": "< 20 min",
    "runs that pass": "≥ 95 %",
    "runs with a flaky test": "< 5 %",
}


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
    found = result("ci-runs").get("test")
    figures = _figures(found) if found else [f"not measured here: `{_COMMAND}`"] * len(_BOUNDS)
    for (name, bound), figure in zip(_BOUNDS.items(), figures, strict=True):
        yield name, bound, figure, "the same", _RUNS


def _figures(found: dict[str, Any]) -> list[str]:
    """One for each of the bounds."""
    runs = found["runs"]
    passed, lines = sum(run["passed"] for run in runs), [run["coverage"] for run in runs if run["coverage"]]
    return [
        f"all of them in {passed} of {len(runs)} runs",
        f"{min(lines, default=0)} %",
        f"{max(run['seconds'] for run in runs) / 60:.1f} min",
        f"{100 * found['success rate']:.0f} %",
        f"{100 * found['flaky rate']:.0f} %",
    ]
