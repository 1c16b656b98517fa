"""``aegis changes``: what the last run did to the graph."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_pipeline.cli.console import OUT, TableFormat, print_table
from aegis_pipeline.settings import settings

if TYPE_CHECKING:
    from aegis_pipeline.graph import GraphChanges

_COLUMNS = ("what", "change", "name", "details")


def changes(
    format_: Annotated[
        TableFormat, typer.Option("--format", help="table, or json with every field.")
    ] = TableFormat.TABLE,
) -> None:
    """Show what the last run added to the graph, changed in it and took out: documents, entities, relations."""
    from aegis_pipeline.pipeline.stores import last_changes

    found = last_changes(settings())
    if format_ is TableFormat.JSON:
        OUT.print_json(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        _print_changes(found)


def _print_changes(found: "GraphChanges") -> None:
    OUT.print(f"batch {found.batch}, written {found.time}: {_summary(found)}")
    if found.is_empty:
        return
    print_table(_COLUMNS, _rows(found))


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
