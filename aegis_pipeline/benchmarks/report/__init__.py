"""The benchmark's report: a page, its pictures and the result file, as they lie in ``docs/``."""

from pathlib import Path

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults
from aegis_pipeline.benchmarks.report.charts import charts
from aegis_pipeline.benchmarks.report.page import page

PAGE, RESULTS = "PERFORMANCE_BENCHMARKS.md", "results/benchmark_results_sprint14.json"

__all__ = ["PAGE", "RESULTS", "charts", "page", "write_report"]


def write_report(results: BenchmarkResults, folder: Path) -> Path:
    """The page and its pictures in ``folder``, with the results that they are made from; returns the page's path."""
    for name, svg in charts(results).items():
        _write(folder / "images" / name, svg)
    _write(folder / RESULTS, results.model_dump_json(indent=1) + "\n")
    _write(folder / PAGE, page(results))
    return folder / PAGE


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
