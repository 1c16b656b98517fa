"""Whether a new result file is worse than an old one, beyond what its repeats scatter."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from aegis_pipeline.benchmarks.markdown import table
from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Cell, Figures, Spread


class Verdict(StrEnum):
    """What became of a figure."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class Limits:
    """``slower`` is the share of time, ``f1_loss`` the absolute loss, up to which nothing is said."""

    slower: float = 0.15
    f1_loss: float = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one cell in both files; ``allowed`` is how far it may go before it is worse."""

    cell: str
    figure: str
    old: float | None
    new: float | None
    verdict: Verdict
    detail: str = ""


def changes(old: BenchmarkResults, new: BenchmarkResults, limits: Limits) -> tuple[Change, ...]:
    """Every cell of ``old`` that was measured, beside that of ``new``."""
    return tuple(change for cell in old.cells if cell.figures for change in _of_cell(cell, new, limits))


def _of_cell(cell: Cell, new: BenchmarkResults, limits: Limits) -> Iterator[Change]:
    name = f"{cell.variant} on {cell.scenario}"
    other, before = new.cell(cell.variant, cell.scenario), cell.figures
    after = other.figures if other else None
    if before is None or after is None:
        reason = other.reason if other else "it is not in the new file"
        yield Change(name, "measured", 1, 0, Verdict.WORSE, reason)
        return
    yield _time(name, before, after, limits)
    yield _failed(name, before, after)
    if _data(before) != _data(after):
        yield Change(name, "quality", None, None, Verdict.NOT_COMPARED, "other documents")
    else:
        yield from _quality(name, before, after, limits)


def _time(name: str, before: Figures, after: Figures, limits: Limits) -> Change:
    old, new = before.total.wall_seconds, after.total.wall_seconds
    if (before.machine, _data(before)) != (after.machine, _data(after)):
        return Change(name, "seconds", old.median, new.median, Verdict.NOT_COMPARED, "another machine or documents")
    allowed = max(limits.slower, noise(old) + noise(new))
    ratio = new.median / old.median
    verdict = Verdict.WORSE if ratio > 1 + allowed else Verdict.BETTER if ratio < 1 / (1 + allowed) else Verdict.SAME
    return Change(
        name, "seconds", old.median, new.median, verdict, f"× {ratio:.2f}, up to × {1 + allowed:.2f} is noise"
    )


def noise(spread: Spread) -> float:
    """Half of the range of the repeats, as a share of their median."""
    return (max(spread.values) - min(spread.values)) / (2 * spread.median)


def _failed(name: str, before: Figures, after: Figures) -> Change:
    verdict = Verdict.WORSE if after.failed > before.failed else Verdict.SAME
    return Change(name, "failed documents", before.failed, after.failed, verdict)


def _quality(name: str, before: Figures, after: Figures, limits: Limits) -> Iterator[Change]:
    for kind in type(before.quality).model_fields:
        old, new = getattr(before.quality, kind), getattr(after.quality, kind)
        if old is None:
            continue
        found = new.f1 if new else None
        lost = old.f1 - (found or 0.0)
        worse, better = lost > limits.f1_loss, lost < -limits.f1_loss
        verdict = Verdict.WORSE if worse else Verdict.BETTER if better else Verdict.SAME
        yield Change(name, f"F1 of {kind}", old.f1, found, verdict)


def _data(figures: Figures) -> object:
    return figures.made_with.get("data")


def summary(found: tuple[Change, ...]) -> str:
    """Markdown: what is worse first, then all."""
    worse = sum(change.verdict is Verdict.WORSE for change in found)
    head = f"**{worse} of {len(found)} figures are worse.**" if worse else f"None of {len(found)} figures is worse."
    order = list(Verdict)
    rows = sorted(found, key=lambda change: order.index(change.verdict))
    figures = table(("cell", "figure", "old", "new", "", ""), map(_row, rows))
    return "\n".join(["# Benchmark, old against new", "", head, "", figures, ""])


def _row(change: Change) -> tuple[str, ...]:
    return change.cell, change.figure, _shown(change.old), _shown(change.new), change.verdict, change.detail


def _shown(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.4g}"
