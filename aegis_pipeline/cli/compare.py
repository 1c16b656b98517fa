"""``aegis compare``: what both arms found in one batch."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_pipeline.cli.console import OUT, TableFormat, print_table
from aegis_pipeline.cli.inspect import batches_of
from aegis_pipeline.settings import ExtractionPipeline, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aegis_pipeline.benchmarks.scoring import GoldDocument
    from aegis_pipeline.lake import DocumentLake
    from aegis_pipeline.pipeline.comparing import ArmResult, Comparison

    Gold = Mapping[str, GoldDocument]


def compare(
    batch: Annotated[str, typer.Argument(help="Its key, as `aegis run` prints it.")],
    gold: Annotated[
        Path | None, typer.Option(help="Labelled JSONL of the batch's documents, whose ids are their paths.")
    ] = None,
    format_: Annotated[
        TableFormat, typer.Option("--format", help="table, or json with every field.")
    ] = TableFormat.TABLE,
) -> None:
    """Show what the three phases and LightRAG's own extraction found in BATCH, side by side.

    Seconds are those of the last run that extracted all documents anew. docs/legacy.md says what is measured and how.
    """
    from aegis_pipeline.pipeline.comparing import compare as compared
    from aegis_pipeline.pipeline.stores import document_lake

    lake = document_lake(settings())
    batches_of(lake, batch)
    labelled = _labelled(gold, lake, batch) if gold else None
    found = compared(batch, *(_measured(arm, batch, lake, labelled) for arm in ExtractionPipeline))
    if format_ is TableFormat.JSON:
        OUT.print_json(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        _print(found)


def _labelled(path: Path, lake: "DocumentLake", batch: str) -> "Gold":
    from aegis_pipeline import tables
    from aegis_pipeline.benchmarks.arms import gold_of
    from aegis_pipeline.benchmarks.scoring import load

    return gold_of(load(path), lake.column(batch, tables.DOCUMENTS, "path"))


def _measured(arm: ExtractionPipeline, batch: str, lake: "DocumentLake", gold: "Gold | None") -> "ArmResult":
    """An arm's result, with its time and its scores."""
    import dagster as dg

    from aegis_pipeline.benchmarks.arms import arm_scores
    from aegis_pipeline.defs.history import seconds_of
    from aegis_pipeline.defs.home import prepare_home

    found = _result(arm, batch, lake)
    prepare_home(settings())
    with dg.DagsterInstance.get() as instance:
        seconds = seconds_of(arm, batch, instance)
    return replace(found, seconds=seconds, scores=arm_scores(gold, found.documents) if gold else {})


def _result(arm: ExtractionPipeline, batch: str, lake: "DocumentLake") -> "ArmResult":
    from aegis_pipeline.pipeline.comparing import legacy_result, three_phase_result
    from aegis_pipeline.pipeline.legacy import LegacyPipeline

    if arm is ExtractionPipeline.THREE_PHASE:
        return three_phase_result(lake, batch)
    return legacy_result(batch, LegacyPipeline.from_settings(settings()).documents(batch))


def _print(found: "Comparison") -> None:
    print_table(("", *ExtractionPipeline), _figure_rows(found))
    OUT.print()
    columns = ("", "three_phase only", "both", "lightrag_default only")
    shared = (("names", found.entities), ("related pairs", found.relations))
    print_table(columns, ((name, o.three_phase_only, o.both, o.legacy_only) for name, o in shared))


def _figure_rows(found: "Comparison") -> Iterator[tuple[str, str, str]]:
    for name, (ours, theirs) in found.figures.items():
        yield (name, _shown(ours), _shown(theirs))


def _shown(figure: float | None) -> str:
    if figure is None:
        return "-"
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:,.4g}"
