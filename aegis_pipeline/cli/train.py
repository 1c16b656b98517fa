"""``aegis train-reader``: a reader for mentions and relations, trained on your own labelled documents."""

from pathlib import Path
from typing import Annotated

import typer

from aegis_pipeline.cli.console import OUT, show_progress
from aegis_pipeline.settings import settings


def train_reader(
    data: Annotated[Path, typer.Argument(help="Labelled JSONL: text, sents, mentions, relations.")],
    out: Annotated[Path, typer.Option(help="Folder of the training; the trained reader is in its folder `reader`.")],
    train: Annotated[str, typer.Option(metavar="FROM-TO", help="Lines to train on, both ends included.")] = "0-349",
    tune: Annotated[str, typer.Option(metavar="FROM-TO", help="Lines that decide when to stop.")] = "350-399",
    folds: Annotated[
        int, typer.Option(min=2, help="Taggers that find the mentions of documents they did not see.")
    ] = 2,
    partial: Annotated[
        Path | None, typer.Option(help="JSONL with `annotated`: texts of which only those properties are labelled.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn by chance.")] = 1,
) -> None:
    """Train the reader: a tagger for mentions, and a network for relations between any two entities of a document.

    Stop it at any time: the same command goes on after the last whole epoch. On a CPU shared with other work, set
    OMP_WAIT_POLICY=PASSIVE: threads that wait by spinning cost half of the time there.
    """
    show_progress()
    from aegis_pipeline.training.gold import Range
    from aegis_pipeline.training.reader_training import Plan, train_reader

    plan = Plan(data, out, Range.parse(train), Range.parse(tune), folds, seed, settings().device, partial=partial)
    files = train_reader(plan)
    OUT.print(f"Use it: READER_MODEL={files.folder}")
