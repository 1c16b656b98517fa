"""``aegis rebuild``: everything made anew from the documents."""

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT, note, show_progress
from aegis_pipeline.settings import settings


def rebuild() -> None:
    """Make the lake and the graph anew from the documents of every batch; nothing is kept but answers of an LLM.

    Readers see the old graph until the new one is whole. A rebuild that was interrupted goes on.
    """
    from aegis_pipeline.defs.launch import rebuild_graph

    show_progress()
    note("Running rebuild_from_documents ...")
    summary = rebuild_graph(settings())
    if not summary.success:
        OUT.print(f"failed: {summary.error}", style="red")
        raise typer.Exit(EXIT_FAILED)
    OUT.print(f"The graph is made anew from {summary.batches:,} batch(es).")
