"""``aegis benchmark``: pipeline variants on the same documents, their report, and whether it became worse."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT, note, print_table
from aegis_pipeline.errors import InputError
from aegis_pipeline.settings import settings

if TYPE_CHECKING:
    from aegis_pipeline.benchmarks.matrix import BenchmarkResults

app = typer.Typer(
    name="benchmark",
    no_args_is_help=True,
    help="Measure pipeline variants on the same documents: docs/benchmarks.md.",
)


@app.command("documents")
def documents(
    scenario: Annotated[str, typer.Argument(help="small, medium, large, batch_10, batch_50 or scale_N.")],
    folder: Annotated[Path, typer.Argument(help="Where to write them; gold goes into FOLDER.jsonl beside it.")],
    seed: Annotated[int | None, typer.Option(help="In the place of BENCHMARK_SEED.")] = None,
) -> None:
    """Write a scenario's documents as text files, with their gold, for `aegis run`, `measure` and `compare --gold`."""
    from aegis_pipeline.benchmarks.worlds import documents_of, scenario_named

    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{str(folder)!r} is not empty: name a new folder.")
    made = documents_of(scenario_named(scenario), settings().benchmark_seed if seed is None else seed)
    folder.mkdir(parents=True, exist_ok=True)
    for document in made:
        (folder / document["id"]).write_text(document["text"], encoding="utf-8", newline="")
    gold = folder.with_name(f"{folder.name}.jsonl")
    gold.write_text("".join(json.dumps(document, ensure_ascii=False) + "\n" for document in made), encoding="utf-8")
    OUT.print(f"{len(made):,} documents in {folder}, gold in {gold}")


@app.command("run")
def run(
    scenario: Annotated[list[str] | None, typer.Option(help="Again for more. Default: all but scale_N.")] = None,
    variant: Annotated[list[str] | None, typer.Option(help="Again for more. Default: all.")] = None,
    repeat: Annotated[int | None, typer.Option(min=1, help="In the place of BENCHMARK_REPEATS.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In the place of BENCHMARK_SEED.")] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Labelled JSONL: the scenario `gold`, alone if none is named.")
    ] = None,
) -> None:
    """Measure every VARIANT on every SCENARIO, and write the report of all that has been measured so far.

    One that cannot run here is reported as not run, with the reason. It is all in Dagster afterwards: `aegis ui`.
    """
    from aegis_pipeline.benchmarks.matrix.axes import GOLD, USUAL, VARIANT_NAMES

    _override(benchmark_repeats=repeat, benchmark_seed=seed, benchmark_gold=gold)
    scenarios = scenario or ([GOLD] if gold else list(USUAL))
    _run_cells(_valid(variant or list(VARIANT_NAMES), "variant"), _valid(scenarios, "scenario"))


def _override(**given: object) -> None:
    """Into the environment, which the processes that measure read."""
    for name, value in given.items():
        if value is not None:
            os.environ[name.upper()] = str(value.absolute() if isinstance(value, Path) else value)
    settings.cache_clear()


def _valid(names: list[str], kind: str) -> list[str]:
    from aegis_pipeline.benchmarks.matrix.axes import SCENARIO_NAMES, VARIANT_NAMES

    valid = VARIANT_NAMES if kind == "variant" else SCENARIO_NAMES
    for name in names:
        if name not in valid:
            raise InputError(f"There is no {kind} {name!r}; valid are {', '.join(valid)}.")
    return names


def _run_cells(variants: list[str], scenarios: list[str]) -> None:
    from aegis_pipeline.benchmarks.matrix.files import cells
    from aegis_pipeline.defs.launch_benchmark import run_cell, run_report

    for scenario in scenarios:
        for variant in variants:
            note(f"Measuring {variant} on {scenario} ...")
            run_cell(variant, scenario, settings())
    run_report(settings())
    asked = [cell for cell in cells(settings()) if cell.variant in variants and cell.scenario in scenarios]
    rows = (
        (c.variant, c.scenario, f"{c.figures.total.wall_seconds.median:.2f} s" if c.figures else c.status, c.reason)
        for c in asked
    )
    print_table(("variant", "scenario", "", ""), rows)
    OUT.print(f"report: {settings().home / 'benchmarks' / 'report'}")


@app.command("report")
def report(
    out: Annotated[Path, typer.Option(help="Folder for the page, its pictures and the results.")],
    results: Annotated[
        Path | None, typer.Option(help="A result file. Default: all cells measured under AEGIS_HOME.")
    ] = None,
) -> None:
    """Write PERFORMANCE_BENCHMARKS.md with its pictures, and the result file that they are made from."""
    from aegis_pipeline.benchmarks.report import write_report
    from aegis_pipeline.benchmarks.report.collect import collected

    OUT.print(str(write_report(_load(results) if results else collected(settings()), out)))


@app.command("compare")
def compare(
    old: Annotated[Path, typer.Argument(help="A result file.")],
    new: Annotated[Path, typer.Argument(help="Another one, of later code on the same machine.")],
    slower: Annotated[
        float, typer.Option(min=0, help="Share of time, beyond the repeats' noise, that is let pass.")
    ] = 0.15,
    f1_loss: Annotated[float, typer.Option(min=0, max=1, help="Loss of F1 that is let pass.")] = 0.02,
    summary: Annotated[Path | None, typer.Option(help="Markdown file to write the table to.")] = None,
) -> None:
    """Say what became worse from OLD to NEW, cell by cell. Exits with 1 when anything did."""
    from aegis_pipeline.benchmarks.matrix.regressions import Limits, Verdict, changes
    from aegis_pipeline.benchmarks.matrix.regressions import summary as summarised

    found = changes(_load(old), _load(new), Limits(slower, f1_loss))
    if not found:
        raise InputError(f"{old} has no cell that was measured: name a result file of `aegis benchmark report`.")
    if summary:
        summary.write_text(summarised(found), encoding="utf-8")
    OUT.print(summarised(found))
    if any(change.verdict is Verdict.WORSE for change in found):
        raise typer.Exit(EXIT_FAILED)


def _load(path: Path) -> "BenchmarkResults":
    from pydantic import ValidationError

    from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults

    try:
        return BenchmarkResults.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        first = str(error).partition("\n")[0]
        raise InputError(f"{path} is no result file: {first}. `aegis benchmark report` writes one.") from None
