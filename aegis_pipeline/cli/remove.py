"""``aegis remove``: what a batch contributed, taken out of everything."""

from typing import Annotated

import typer

from aegis_pipeline.cli.console import ERR, EXIT_FAILED, OUT, show_progress
from aegis_pipeline.errors import InputError
from aegis_pipeline.settings import settings

_REMOVED = {
    "aegis/removed/documents": "document(s) left the graph",
    "aegis/removed/legacy_documents": "LightRAG's own",
    "aegis/removed/files": "file(s) left the lake",
}


def remove(
    batches: Annotated[
        list[str],
        typer.Argument(metavar="BATCH...", help="Their keys, as `aegis run` prints them.", show_default=False),
    ],
) -> None:
    """Take BATCH out: of the graph, of LightRAG's own, of the lake, and of Dagster's partitions.

    Its documents stay where they are. One whose removal was interrupted is removed by the same command.
    """
    from aegis_pipeline.defs.launch import partitions
    from aegis_pipeline.pipeline.stores import document_lake

    there = {*document_lake(settings()).batches(), *partitions(settings())}
    if unknown := [batch for batch in batches if batch not in there]:
        raise InputError(f"There is no batch {unknown[0]!r}; there are: {', '.join(sorted(there)) or 'none'}")
    show_progress()
    done = [removed(batch) for batch in batches]
    if not all(done):
        raise typer.Exit(EXIT_FAILED)


def removed(batch: str) -> bool:
    """Whether nothing of the batch is left; prints what was removed, or why it was not."""
    ERR.print(f"Running remove_batch on {batch} ...")
    from aegis_pipeline.defs.launch import remove_batch

    summary = remove_batch(batch, settings())
    if summary.success:
        OUT.print(f"{batch}: " + ", ".join(f"{summary.removed[key]:,} {what}" for key, what in _REMOVED.items()))
    else:
        OUT.print(f"{batch} is not removed: {summary.error}", style="red")
        OUT.print(f"Mend the cause. Then this goes on with what is left: aegis remove {batch}")
    return summary.success
