"""The benchmark's matrix: every pipeline variant on every scenario, each cell measured in processes of its own."""

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Cell, Figures, Spread, Status
from aegis_pipeline.benchmarks.matrix.variants import VARIANTS, Variant

__all__ = ["VARIANTS", "BenchmarkResults", "Cell", "Figures", "Spread", "Status", "Variant"]
