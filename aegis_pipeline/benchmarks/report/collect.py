"""All cells that have been scored, together: as results, as a comparison and as a report."""

from pathlib import Path

from pydantic import TypeAdapter

from aegis_pipeline.benchmarks.matrix.files import benchmark_folder, cells
from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults
from aegis_pipeline.benchmarks.matrix.side_by_side import Pair, pairs
from aegis_pipeline.benchmarks.report import write_report
from aegis_pipeline.errors import InputError
from aegis_pipeline.settings import Settings

_PAIRS = TypeAdapter(tuple[Pair, ...])


def collected(configured: Settings) -> BenchmarkResults:
    """Whatever cells there are.

    Raises:
        InputError: there is none.
    """
    found = cells(configured)
    if not found:
        raise InputError("No cell of the benchmark has been measured: aegis benchmark run --scenario small")
    return BenchmarkResults(command="aegis benchmark run", seed=configured.benchmark_seed, cells=found)


def kept_comparison(configured: Settings) -> tuple[tuple[Pair, ...], Path]:
    """Old against new, kept beside the cells."""
    found, path = pairs(collected(configured)), benchmark_folder(configured) / "comparison.json"
    path.write_bytes(_PAIRS.dump_json(found, indent=1))
    return found, path


def kept_report(configured: Settings) -> Path:
    """The report, kept beside the cells; its page."""
    return write_report(collected(configured), benchmark_folder(configured) / "report")
