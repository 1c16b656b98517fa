"""``aegis retry``: the chunks that the LLM lost, asked for again."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT, note, show_progress
from aegis_pipeline.cli.inspect import batches_of
from aegis_pipeline.cli.run import print_gates
from aegis_pipeline.errors import SettingsError
from aegis_pipeline.settings import RelationBackend, settings

if TYPE_CHECKING:
    from aegis_pipeline.lake import DocumentLake


def retry(
    batch: Annotated[
        str | None, typer.Argument(help="Only this batch (its key, as `aegis run` prints it).", show_default=False)
    ] = None,
) -> None:
    """Ask the LLM again for the chunks that it lost (dead letters), and bring the graph up to date.

    What it answered before is not asked for again. Exits with 1 while some are left.
    """
    from aegis_pipeline.pipeline.batches import dead_letters_of
    from aegis_pipeline.pipeline.stores import document_lake

    lake = document_lake(settings())
    lost = {key: found for key in batches_of(lake, batch) if (found := dead_letters_of(lake, key))}
    if not lost:
        OUT.print("There are no dead letters: nothing is to be asked for again.")
        return
    for key, reasons in lost.items():
        OUT.print(f"{key}: {_listed(reasons)}")
    if settings().relation_backend is RelationBackend.EMBEDDED:
        raise SettingsError(
            "RELATION_BACKEND=embedded asks no LLM: set it to the one that lost them, ollama or openai. "
            "To have all relations by the embedded extractor instead: aegis run FOLDER"
        )
    show_progress()
    done = [_retried(lake, key) for key in lost]
    if not all(done):
        raise typer.Exit(EXIT_FAILED)


def _retried(lake: "DocumentLake", batch: str) -> bool:
    """Whether none is left and the graph holds what was found."""
    from aegis_pipeline.defs.launch import retry_batch
    from aegis_pipeline.pipeline.batches import dead_letters_of

    note(f"Running retry_dead_letters on {batch} ...")
    summary, left = retry_batch(batch, settings()), dead_letters_of(lake, batch)
    relations = summary.assets.get("relations", {})
    if relations:
        OUT.print(f"{relations['aegis/llm/calls']:,} LLM calls, {relations['aegis/llm/from_cache']:,} kept answers")
    OUT.print(f"{batch}: {_listed(left)} left")
    print_gates(summary)
    if summary.error:
        OUT.print(f"failed: {summary.error}", style="red")
    if not summary.success:
        OUT.print("Mend the cause. Then this command goes on with what is left, and `aegis run FOLDER` with the rest.")
    return summary.success and not left


def _listed(reasons: Counter[str]) -> str:
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return f"{reasons.total():,} dead letter(s)" + (f" ({by_reason})" if by_reason else "")
