"""``aegis changes``: what the last run did to the graph."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aegis_pipeline.cli.console import OUT, one_line
from aegis_pipeline.settings import settings

if TYPE_CHECKING:
    from aegis_pipeline.graph import GraphChanges

_COLUMNS = ("what", "change", "name", "details")


class ChangesFormat(StrEnum):
    """How changes are printed."""

    TABLE = "table"
    JSON = "json"


def changes(
    format_: Annotated[
        ChangesFormat, typer.Option("--format", help="table, or json with every field.")
    ] = ChangesFormat.TABLE,
) -> None:
    """Show what the last run added to the graph, changed in it and took out: documents, entities, relations."""
    from aegis_pipeline.pipeline.stores import last_changes

    found = last_changes(settings())
    if format_ is ChangesFormat.JSON:
        OUT.print_json(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        _print_changes(found)


def _print_changes(found: "GraphChanges") -> None:
    OUT.print(f"batch {found.batch}, written {found.time}: {_summary(found)}")
    if found.is_empty:
        return
    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for row in _rows(found):
        table.add_row(*(one_line(value) for value in row))
    OUT.print(table, soft_wrap=False)


def _summary(found: "GraphChanges") -> str:
    """How many of each kind were added, changed and removed."""
    parts = []
    for title, group in (("documents", found.documents), ("entities", found.entities), ("relations", found.statements)):
        counts = Counter(change.kind.value for change in group)
        parts += [f"{title} {', '.join(f'{counts[kind]} {kind}' for kind in sorted(counts))}"] if counts else []
    return "; ".join(parts) or "nothing changed"


def _rows(found: "GraphChanges") -> Iterator[tuple[str, str, str, str]]:
    for document in found.documents:
        yield ("document", document.kind, document.path, "")
    for entity in found.entities:
        yield ("entity", entity.kind, entity.key, "; ".join((entity.type, *entity.details)))
    for said in found.statements:
        yield ("relation", said.kind, f"{said.head} > {said.predicate} > {said.tail}", said.document)
