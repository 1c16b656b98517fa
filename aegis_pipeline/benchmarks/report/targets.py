"""The plan's targets, each with the figure that was measured for it."""

from collections.abc import Callable
from dataclasses import dataclass

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Figures
from aegis_pipeline.benchmarks.matrix.side_by_side import pairs

Figure = Callable[[BenchmarkResults, str], float | None]
EMBEDDED, PRODUCTION = "three_phase-embedded-cpu", "three_phase-q4_k_m-gpu"
"""The variants of both profiles."""
_BATCH, _MINUTE, _GIB = "batch_50", 60, 2**30


@dataclass(frozen=True, slots=True)
class Target:
    """What the plan asks of a variant: ``figure`` is to be below ``limit``, or above it with ``least``.

    ``beside`` says that it takes the legacy arm, too; ``on_gpu`` that a variant on the CPU has none of it.
    """

    name: str
    scenario: str
    limit: float
    unit: str
    figure: Figure
    least: bool = False
    beside: bool = False
    on_gpu: bool = False

    @property
    def bound(self) -> str:
        """For people."""
        return f"{'≥' if self.least else '<'} {self.limit:g}{self.unit}"

    def command(self, variant: str) -> str:
        """What measures it."""
        legacy = ("legacy", "q4_k_m", variant.rpartition("-")[2])
        variants = [variant, *(["-".join(legacy)] if self.beside else [])]
        return " ".join(["aegis benchmark run --scenario", self.scenario, *(f"--variant {name}" for name in variants)])

    def met(self, figure: float) -> bool:
        """Whether a measured figure is as the plan asks."""
        return figure >= self.limit if self.least else figure < self.limit

    def told(self, results: BenchmarkResults, variant: str) -> str:
        """For people: the figure and whether it is met, or that it was not measured, and by what it would be."""
        figure = self.figure(results, variant)
        if figure is None:
            none = self.on_gpu and variant.endswith("-cpu")
            return "it uses none" if none else f"not measured here: `{self.command(variant)}`"
        return f"{figure:.3g}{self.unit}, {'met' if self.met(figure) else '**not met**'}"


def _figures(results: BenchmarkResults, variant: str, scenario: str) -> Figures | None:
    cell = results.cell(variant, scenario)
    return cell.figures if cell else None


def _seconds_a_document(scenario: str, phase: str = "") -> Figure:
    def figure(results: BenchmarkResults, variant: str) -> float | None:
        found = _figures(results, variant, scenario)
        if found is None or (phase and phase not in found.phases):
            return None
        cost = found.phases[phase] if phase else found.total
        return cost.wall_seconds.median / found.documents

    return figure


def _batch_seconds(results: BenchmarkResults, variant: str) -> float | None:
    found = _figures(results, variant, "batch_10")
    return found.total.wall_seconds.median if found else None


def _documents_a_minute(results: BenchmarkResults, variant: str) -> float | None:
    seconds = _seconds_a_document(_BATCH)(results, variant)
    return _MINUTE / seconds if seconds else None


def _failed_percent(results: BenchmarkResults, variant: str) -> float | None:
    own = [cell.figures for cell in results.cells if cell.variant == variant and cell.figures]
    documents = sum(figures.documents for figures in own)
    return 100 * sum(figures.failed for figures in own) / documents if documents else None


def _of_baseline(kind: str) -> Figure:
    """The worst, in percent, over the scenarios and models in which the legacy arm was measured as well."""

    def figure(results: BenchmarkResults, variant: str) -> float | None:
        ratios = [getattr(pair, kind) for pair in pairs(results) if pair.three_phase == variant]
        return min((100 * ratio for ratio in ratios if ratio is not None), default=None)

    return figure


def _dedup_precision(results: BenchmarkResults, variant: str) -> float | None:
    found = _figures(results, variant, _BATCH)
    return 100 * found.quality.identity.precision if found and found.quality.identity else None


def _vram(results: BenchmarkResults, variant: str) -> float | None:
    own = [cell.figures for cell in results.cells if cell.variant == variant and cell.figures]
    held = [(f.peak_vram_bytes or 0) + (f.server_vram_bytes or 0) for f in own if f.peak_vram_bytes is not None]
    return max((bytes_ / _GIB for bytes_ in held), default=None)


TARGETS = (
    Target("a small document", "small", 10, " s", _seconds_a_document("small")),
    Target("a medium document", "medium", 30, " s", _seconds_a_document("medium")),
    Target("a large document", "large", 60, " s", _seconds_a_document("large")),
    Target("a batch of 10", "batch_10", 300, " s", _batch_seconds),
    Target("NER, a small document", _BATCH, 1, " s", _seconds_a_document(_BATCH, "mentions")),
    Target("deduplication, a small document", _BATCH, 2, " s", _seconds_a_document(_BATCH, "entities")),
    Target("relations, a small document", _BATCH, 20, " s", _seconds_a_document(_BATCH, "relations")),
    Target("small documents a minute", _BATCH, 10, "", _documents_a_minute, least=True),
    Target("documents that fail", _BATCH, 1, " %", _failed_percent),
    Target("names, F1 over the baseline's", "small", 95, " %", _of_baseline("mentions"), least=True, beside=True),
    Target(
        "related pairs, F1 over the baseline's", "small", 90, " %", _of_baseline("relations"), least=True, beside=True
    ),
    Target("precision of deduplication", _BATCH, 90, " %", _dedup_precision, least=True),
    Target("peak VRAM", _BATCH, 8, " GiB", _vram, on_gpu=True),
)
"""In the order of the plan."""
