"""``aegis manifest`` and ``aegis graph``: what became of every document, and the graph as a file."""

import json
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aegis_pipeline.cli.console import OUT, print_table
from aegis_pipeline.errors import InputError
from aegis_pipeline.records import ExportFormat
from aegis_pipeline.settings import settings

if TYPE_CHECKING:
    from aegis_pipeline.lake import DocumentLake

_COLUMNS = ("path", "status", "error", "hash", "chunks", "mentions", "entities", "relations")
_HASH_SHOWN = 12


class ManifestFormat(StrEnum):
    """How the manifest is printed."""

    TABLE = "table"
    JSONL = "jsonl"


def manifest(
    format_: Annotated[
        ManifestFormat, typer.Option("--format", help="table, or jsonl with every field.")
    ] = ManifestFormat.TABLE,
    batch: Annotated[str | None, typer.Option(help="Only this batch (its key, as `aegis run` prints it).")] = None,
) -> None:
    """Show what became of every document: path, status, error, hash, counts."""
    from aegis_pipeline.pipeline.overview import manifest_rows
    from aegis_pipeline.pipeline.stores import document_lake

    lake = document_lake(settings())
    rows = (row for key in batches_of(lake, batch) for row in manifest_rows(lake, key))
    if format_ is ManifestFormat.JSONL:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        _print_table(list(rows))


def batches_of(lake: "DocumentLake", batch: str | None) -> list[str]:
    """The batch that was asked for, or all.

    Raises:
        InputError: there is no such batch, or none at all.
    """
    found = lake.batches()
    if not found:
        raise InputError(f"Nothing has been read into {lake.root} yet. Run: aegis run FOLDER")
    if batch is not None and batch not in found:
        raise InputError(f"There is no batch {batch!r}; there are: {', '.join(found)}")
    return [batch] if batch else found


def _print_table(rows: list[dict[str, Any]]) -> None:
    shown = ({**row, "hash": (row["hash"] or "")[:_HASH_SHOWN]} for row in rows)
    print_table(_COLUMNS, (["" if row[name] is None else row[name] for name in _COLUMNS] for row in shown))


def graph(
    out: Annotated[Path, typer.Option(help="File to write.")],
    format_: Annotated[
        ExportFormat, typer.Option("--format", help="graphml, or json with the statements spelled out.")
    ] = ExportFormat.GRAPHML,
) -> None:
    """Write the knowledge graph to a file."""
    from aegis_pipeline.graph import export
    from aegis_pipeline.models import load_encoder
    from aegis_pipeline.pipeline.stores import graph_store, require_graph

    configured = settings()
    require_graph(configured)
    encoder = load_encoder(configured.encoder_model, device=configured.device)
    with closing(graph_store(configured, encoder)) as store:
        found = store.graph()
    export(found, format_, out)
    OUT.print(f"{len(found.nodes):,} entities and {len(found.edges):,} edges written to {out}")
