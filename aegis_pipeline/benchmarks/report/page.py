"""``PERFORMANCE_BENCHMARKS.md``, made from a result file."""

from collections.abc import Iterator
from typing import Any

from aegis_pipeline.benchmarks.markdown import table
from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Cell, Cost, Counts, Figures
from aegis_pipeline.benchmarks.matrix.side_by_side import pairs
from aegis_pipeline.benchmarks.matrix.variants import VARIANTS
from aegis_pipeline.benchmarks.report.charts import charts
from aegis_pipeline.benchmarks.report.targets import EMBEDDED, PRODUCTION, TARGETS
from aegis_pipeline.benchmarks.worlds import SCALES

_MINUTE, _MIB = 60, 2**20
_FEW, _GROWTH = 50, 1.2  # documents, and how much dearer one may be in the largest batch than in one of so few
_QUALITY = ("mentions", "identity", "identity_across", "relations", "named_mentions", "named_identity", "related_pairs")


def page(results: BenchmarkResults) -> str:
    """The whole page, in Markdown."""
    sections = (_intro(results), _targets(results), _costs(results), _phases(results), _quality(results))
    return "\n\n".join([*sections, _beside(results), _models(results), _not_run(results)]) + "\n"


def _intro(results: BenchmarkResults) -> str:
    machines = sorted({cell.figures.machine for cell in results.cells if cell.figures})
    return "\n\n".join(
        [
            "# Performance benchmarks",
            "<!-- made from a result file by `aegis benchmark report`; do not edit -->",
            f"Measured by `{results.command}` on: {'; '.join(machines) or 'nothing yet'}. "
            "All figures stand in [benchmark_results_sprint14.json](results/benchmark_results_sprint14.json) "
            "([schema](results/benchmark.schema.json)); [benchmarks.md](benchmarks.md) tells what is measured and how. "
            "Seconds are medians of the repeats, with their range; the models are loaded before the clock starts.",
            "Seconds are this machine's, ratios are everybody's. Gemma 3 4B and llama3.2 were not measured here.",
        ]
    )


def _targets(results: BenchmarkResults) -> str:
    rows = ((t.name, t.bound, t.told(results, EMBEDDED), t.told(results, PRODUCTION)) for t in TARGETS)
    targets = table(("the plan's target", "", f"`{EMBEDDED}`", f"`{PRODUCTION}`"), rows)
    baseline = "The baseline is the legacy arm with the model that its rows below name, the worst of its scenarios."
    return f"## Against the plan\n\n{targets}\n\n{baseline}"


def _costs(results: BenchmarkResults) -> str:
    head = ("variant", "scenario", "documents", "words", "seconds", "CPU s", "load s", "documents/min", "words/s")
    more = ("peak RAM MiB", "LLM calls", "tokens", "entities", "relations", "failed", "degraded")
    return f"## What it takes\n\n{table((*head, *more), map(_cost_row, *_measured(results)))}"


def _cost_row(cell: Cell, figures: Figures) -> tuple[Any, ...]:
    seconds = figures.total.wall_seconds.median
    return (
        f"`{cell.variant}`",
        cell.scenario,
        figures.documents,
        figures.words,
        _shown(figures.total),
        f"{figures.total.cpu_seconds.median:.2f}",
        f"{figures.load.wall_seconds.median:.1f}",
        f"{_MINUTE * figures.documents / seconds:,.1f}",
        f"{figures.words / seconds:,.0f}",
        f"{figures.peak_ram_bytes / _MIB:,.0f}",
        figures.calls,
        figures.prompt_tokens + figures.answer_tokens,
        figures.entities,
        figures.relations,
        figures.failed,
        figures.degraded,
    )


def _shown(cost: Cost) -> str:
    values = cost.wall_seconds.values
    return f"{cost.wall_seconds.median:.2f} ({min(values):.2f}–{max(values):.2f})"


def _phases(results: BenchmarkResults) -> str:
    pictures = [f"![{name.removesuffix('.svg')}](images/{name})" for name in charts(results)]
    told = [*pictures, *_growth(results)]
    return "## By phase, and as a batch grows\n\n" + ("\n\n".join(told) or "Nothing is measured yet.")


def _growth(results: BenchmarkResults) -> Iterator[str]:
    """A sentence for each variant of which a growth curve was measured."""
    for variant in VARIANTS:
        cells = (results.cell(variant, f"scale_{count}") for count in SCALES)
        seconds = {
            cell.figures.documents: cell.figures.total.wall_seconds.median / cell.figures.documents
            for cell in cells
            if cell and cell.figures
        }
        if _FEW in seconds and len(seconds) > 1:
            most = max(seconds)
            yield (
                f"`{variant}`: a document costs {seconds[_FEW]:.3f} s in a batch of {_FEW}, {seconds[most]:.3f} s in "
                f"one of {most:,}: {seconds[most] / seconds[_FEW]:.2f} times as much (asked for: at most {_GROWTH})."
            )


def _quality(results: BenchmarkResults) -> str:
    rows = []
    for cell, figures in zip(*_measured(results), strict=True):
        for kind in _QUALITY:
            if counts := getattr(figures.quality, kind):
                rows.append((f"`{cell.variant}`", cell.scenario, kind, *_counts(counts)))
    head = ("variant", "scenario", "of", "P", "R", "F1", "tp", "fp", "fn")
    told = (
        "`mentions`, `identity` and `relations` are exact: spans, pairs of mentions of one entity, and head, property "
        "and tail. `named_…` and `related_pairs` are what LightRAG's graph can be asked for too: places of names, and "
        "pairs without property or direction; either arm's are counted in the same way."
    )
    return f"## What is found\n\n{told}\n\n{table(head, rows)}"


def _counts(counts: Counts) -> tuple[Any, ...]:
    rates = (f"{rate:.3f}" for rate in (counts.precision, counts.recall, counts.f1))
    return (*rates, counts.tp, counts.fp, counts.fn)


def _beside(results: BenchmarkResults) -> str:
    found = pairs(results)
    if not found:
        return "## Old against new\n\nThe legacy arm is not measured in this file."
    rows = (
        (
            pair.scenario,
            f"`{pair.three_phase}`",
            f"`{pair.legacy}`",
            f"{pair.times_as_fast:g}",
            _or_dash(pair.mentions),
            _or_dash(pair.relations),
        )
        for pair in found
    )
    head = ("scenario", "three phases", "legacy", "times as fast", "names, F1 ratio", "related pairs, F1 ratio")
    return f"## Old against new\n\n{table(head, rows)}"


def _or_dash(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:g}"


def _models(results: BenchmarkResults) -> str:
    found: dict[str, tuple[Any, ...]] = {}
    for cell, figures in zip(*_measured(results), strict=True):
        if model := figures.made_with.get("model"):
            server = f"{model['server']} {model['server version']}"
            found[cell.variant] = (f"`{cell.variant}`", model["name"], f"`{str(model['digest'])[:19]}`", server)
    if not found:
        return "## Models\n\nNo cell of this file asked an LLM."
    return f"## Models\n\n{table(('variant', 'model', 'digest', 'server'), found.values())}"


def _not_run(results: BenchmarkResults) -> str:
    reasons: dict[tuple[str, str], list[str]] = {}
    for cell in results.cells:
        if not cell.figures:
            reasons.setdefault((cell.variant, cell.reason), []).append(cell.scenario)
    rows = ((f"`{variant}`", ", ".join(names), reason) for (variant, reason), names in reasons.items())
    return f"## Not run\n\n{table(('variant', 'scenarios', 'because'), rows)}" if reasons else "## Not run\n\nNothing."


def _measured(results: BenchmarkResults) -> tuple[list[Cell], list[Figures]]:
    measured = [cell for cell in results.cells if cell.figures]
    return measured, [cell.figures for cell in measured if cell.figures]
