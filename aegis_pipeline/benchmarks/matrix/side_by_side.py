"""Old against new: each cell of the three phases beside the legacy arm's on the same scenario and device."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Cell, Counts, Figures
from aegis_pipeline.benchmarks.matrix.variants import VARIANTS
from aegis_pipeline.settings import ExtractionPipeline


class Pair(BaseModel):
    """Ratios of the three phases to the legacy arm: above 1 is more of it. None where either has no such figure."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    three_phase: str
    legacy: str
    times_as_fast: float
    mentions: float | None
    relations: float | None


def pairs(results: BenchmarkResults) -> tuple[Pair, ...]:
    """Every pair that was measured."""
    return tuple(_pairs(results))


def _pairs(results: BenchmarkResults) -> Iterator[Pair]:
    measured = [cell for cell in results.cells if cell.figures]
    for old in measured:
        for new in measured:
            if _comparable(old, new) and old.figures and new.figures:
                ours, theirs = new.figures.quality, old.figures.quality
                yield Pair(
                    scenario=new.scenario,
                    three_phase=new.variant,
                    legacy=old.variant,
                    times_as_fast=round(_seconds(old.figures) / _seconds(new.figures), 2),
                    mentions=_ratio(ours.named_mentions, theirs.named_mentions),
                    relations=_ratio(ours.related_pairs, theirs.related_pairs),
                )


def _comparable(old: Cell, new: Cell) -> bool:
    """On the same documents and device, and with the same model where both ask one."""
    before, after = VARIANTS[old.variant], VARIANTS[new.variant]
    arms = before.arm is ExtractionPipeline.LIGHTRAG_DEFAULT and after.arm is ExtractionPipeline.THREE_PHASE
    return (
        arms
        and old.scenario == new.scenario
        and before.device == after.device
        and after.quantization in {"", before.quantization}
    )


def _seconds(figures: Figures) -> float:
    return figures.total.wall_seconds.median


def _ratio(ours: Counts | None, theirs: Counts | None) -> float | None:
    return round(ours.f1 / theirs.f1, 3) if ours and theirs and theirs.f1 else None
