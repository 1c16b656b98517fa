"""``aegis run`` and ``aegis demo``: the main job on a folder, through Dagster."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aegis_pipeline.cli.console import EXIT_FAILED, OUT, note, one_line, show_progress
from aegis_pipeline.cli.remove import removed
from aegis_pipeline.records import QueryMode
from aegis_pipeline.settings import Profile, settings

if TYPE_CHECKING:
    from aegis_pipeline.defs.summaries import RunSummary

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "documents"
_LEGACY_DOCUMENTS = ("computed", "kept", "removed", "failed")
_KEPT = {"chunks": "raw_documents", "mentions": "ner_entities", "relations": "relations"}
DEMO_QUESTION = "Which company did Hermann Hauser and Chris Curry found?"


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of txt, md, html, pdf and docx files; sub-folders are read.")],
    profile: Annotated[
        Profile | None, typer.Option(help="Where the graph is kept, in the place of AEGIS_PROFILE.")
    ] = None,
) -> None:
    """Turn FOLDER into a knowledge graph, or bring the graph up to date with it.

    A folder with more than MAX_BATCH_DOCUMENTS files is several batches, which are run one after the other.
    The run, its metadata and its gates are in Dagster afterwards: `aegis ui`. Exits with 1 when a gate stops the run.
    """
    if profile is not None:
        os.environ["AEGIS_PROFILE"] = profile.value  # the steps of the run read it, in whatever process
        settings.cache_clear()
    if not _run(folder):
        raise typer.Exit(EXIT_FAILED)


def demo() -> None:
    """Run the main job on the bundled sample documents, and ask the graph one question."""
    from aegis_pipeline.cli.query import print_answer

    if not _run(SAMPLES):
        raise typer.Exit(EXIT_FAILED)
    OUT.print()
    print_answer(DEMO_QUESTION, QueryMode.HYBRID, top_k=5)


def _run(folder: Path) -> bool:
    """Whether every batch of the folder is in the graph as it should be; one that fails does not keep others."""
    show_progress()
    note(f"Running process_batch on {folder} ...")
    from aegis_pipeline.defs.launch import batches_of_folder, run_batch

    batches, done = batches_of_folder(folder, settings()), []
    for number, batch in enumerate(batches.present, start=1):
        if len(batches.present) > 1:
            note(f"Batch {number} of {len(batches.present)}: {batch}")
        summary = run_batch(batch, folder, settings())
        print_summary(summary)
        done.append(summary.success)
    return all([*done, *(removed(batch) for batch in batches.emptied)])


def print_summary(summary: "RunSummary") -> None:
    """Counts, time for each phase, gates, and where the graph is."""
    table = Table("", "count", "seconds", box=None, pad_edge=False)
    for name, count, asset in _rows(summary.assets):
        seconds = summary.assets.get(asset, {}).get("aegis/seconds")
        table.add_row(name, "-" if count is None else f"{count:,}", "" if seconds is None else f"{seconds:.1f}")
    OUT.print(table)
    _print_files(summary.assets.get("raw_documents", {}))
    _print_kept(summary.assets)
    _print_degraded(summary.assets)
    _print_unmatched(summary.assets.get("deduplicated_entities", {}))
    print_gates(summary)
    graph, legacy = (summary.assets.get(asset, {}) for asset in ("knowledge_graph", "legacy_graph"))
    _print_legacy(legacy)
    if not summary.success:
        only_legacy = bool(summary.failed_steps) and all(s.startswith("legacy_graph") for s in summary.failed_steps)
        _print_failure(summary.error, written=bool(graph), only_legacy=only_legacy)
    OUT.print(f"graph: {graph.get('dagster/uri', 'not written')}   batch: {summary.batch}   run: {summary.run_id}")
    OUT.print(f"correlation id of the log: {summary.correlation_id}")


def print_gates(summary: "RunSummary") -> None:
    """How many passed, and why the others did not."""
    passed = sum(gate.passed for gate in summary.gates)
    OUT.print(f"gates passed: {passed} of {len(summary.gates)}")
    for gate in summary.gates:
        if not gate.passed:
            OUT.print(f"  {gate.name} ({gate.severity}): {gate.description}")


def _print_legacy(legacy: dict[str, Any]) -> None:
    """What LightRAG's own extraction did, where it ran."""
    if legacy:
        counts = ", ".join(f"{legacy[f'aegis/{name}']:,} {name}" for name in ("chunks", "entities", "edges"))
        done = ", ".join(f"{legacy[f'aegis/documents/{kind}']:,} {kind}" for kind in _LEGACY_DOCUMENTS)
        OUT.print(f"lightrag_default: {counts} in {legacy['dagster/uri']}")
        OUT.print(f"  documents: {done}; {legacy['aegis/llm/calls']:,} LLM calls, {legacy['aegis/seconds']:.1f} s")


def _print_kept(assets: dict[str, dict[str, Any]]) -> None:
    """For how many documents each phase had nothing to do."""
    kept = {phase: assets.get(asset, {}).get("aegis/documents/kept") for phase, asset in _KEPT.items()}
    if any(kept.values()):
        listed = ", ".join(f"{phase} of {count:,} document(s)" for phase, count in kept.items() if count is not None)
        OUT.print(f"kept from earlier runs: {listed}")


def _print_degraded(assets: dict[str, dict[str, Any]]) -> None:
    """What was done in a lesser way than asked for, and why."""
    for asset, metadata in assets.items():
        if count := metadata.get("aegis/degraded"):
            OUT.print(f"degraded: {asset}, {count} document(s)", style="yellow")
            OUT.print(f"  {one_line(metadata['aegis/degradations'])}")


def _print_unmatched(entities: dict[str, Any]) -> None:
    """What the user's overrides name that is not there: they may be misspelt."""
    if entities.get("aegis/overrides_unmatched"):
        OUT.print(
            f"overrides of names not in this batch: {one_line(entities['aegis/unmatched_names'])}", style="yellow"
        )


def _print_failure(error: str | None, *, written: bool, only_legacy: bool) -> None:
    """What failed, in which state our graph is, and what to do next; the legacy arm's faults do not touch it."""
    OUT.print(f"failed: {error}" if error else "A gate stopped the run.", style="red")
    if written and only_legacy:
        OUT.print("The graph holds what it should: only LightRAG's own extraction failed. Run the same command again.")
    elif written:
        OUT.print("The graph was written before that, and does not hold what it should: mend the cause, run it again.")
    else:
        OUT.print("The graph is as it was. Mend the cause and run the same command again.")


def _rows(assets: dict[str, dict[str, Any]]) -> list[tuple[str, int | None, str]]:
    """Name, count, and the asset whose time stands beside it (empty where another row has it)."""

    def count(asset: str, key: str) -> int | None:
        return assets.get(asset, {}).get(key)

    rows = "dagster/partition_row_count"
    return [
        ("documents", count("raw_documents", rows), "raw_documents"),
        ("chunks", count("raw_documents", "aegis/chunks"), ""),
        ("mentions", count("ner_entities", rows), "ner_entities"),
        ("entities", count("deduplicated_entities", rows), "deduplicated_entities"),
        ("aliases merged", count("deduplicated_entities", "aegis/aliases_merged"), ""),
        ("relations", count("relations", rows), "relations"),
        ("graph nodes", count("knowledge_graph", "aegis/entities"), "knowledge_graph"),
        ("documents written", _written(assets.get("knowledge_graph")), ""),
    ]


def _written(graph: dict[str, Any] | None) -> int | None:
    if graph is None:
        return None
    return sum(int(graph[f"aegis/documents/{kind}"]) for kind in ("added", "changed", "removed"))


def _print_files(raw: dict[str, Any]) -> None:
    prefix = "aegis/files/"
    others = {k.removeprefix(prefix): v for k, v in raw.items() if k.startswith(prefix) and not k.endswith("/parsed")}
    if others:
        listed = ", ".join(f"{count} {status}" for status, count in others.items())
        OUT.print(f"not read: {listed} (aegis manifest says why)")
