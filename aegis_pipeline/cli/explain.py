"""``aegis explain``: why an entity is what it is."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_pipeline.cli.console import OUT, TableFormat, one_line
from aegis_pipeline.cli.inspect import batches_of
from aegis_pipeline.settings import settings

if TYPE_CHECKING:
    from aegis_pipeline.pipeline.explaining import Explanation, Place, Reason, Said

_SHOWN = 240  # characters of a sentence on the screen


def explain(
    entity: Annotated[str, typer.Argument(help="A name, an alias, a key of the graph or an entity's id.")],
    batch: Annotated[str | None, typer.Option(help="Only this batch (its key, as `aegis run` prints it).")] = None,
    format_: Annotated[
        TableFormat, typer.Option("--format", help="table, or json with every field.")
    ] = TableFormat.TABLE,
    mentions: Annotated[int, typer.Option(min=0, help="How many mentions and relations are shown of each.")] = 5,
) -> None:
    """Show why an entity is what it is: names, mentions, merges with reasons, near refusals, documents, relations.

    Where several things have the name, all are shown.
    """
    from aegis_pipeline.pipeline.explaining import explain as explained
    from aegis_pipeline.pipeline.stores import document_lake, graph_keys

    configured = settings()
    lake = document_lake(configured)
    found = explained(lake, batches_of(lake, batch), graph_keys(configured), entity)
    if format_ is TableFormat.JSON:
        OUT.print_json(json.dumps([_as_json(one, mentions) for one in found], ensure_ascii=False))
    else:
        for one in found:
            _print(_lines(one, mentions))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        OUT.print(one_line(line))
    OUT.print()


def _as_json(found: "Explanation", shown: int) -> dict[str, object]:
    cut = dataclasses.replace(found, mentions=found.mentions[:shown], relations=found.relations[:shown])
    counts = {"mention_count": len(found.mentions), "relation_count": len(found.relations)}
    return {**dataclasses.asdict(cut), **counts}


def _lines(found: "Explanation", shown: int) -> Iterator[str]:
    yield f"{found.name} ({found.type})"
    yield f"  key in the graph: {found.key or 'none, it is not in the graph'}   id: {found.id}   batch: {found.batch}"
    if found.aliases:
        yield f"  aliases: {', '.join(found.aliases)}"
    yield f"  documents: {', '.join(f'{path} ({count})' for path, count in found.documents.items())}"
    yield from _section("mentions", [f"{_where(m.place)}  {_short(m.place.sentence)}" for m in found.mentions], shown)
    yield from _section("merges", [_decided(merge) for merge in found.merges])
    yield from _section("near refusals", [_decided(refusal) for refusal in found.refusals])
    yield from _section("relations", [_said(relation) for relation in found.relations], shown)


def _section(title: str, lines: Sequence[str], shown: int | None = None) -> Iterator[str]:
    """A heading with the count, then as many lines as are shown."""
    if lines:
        yield f"  {title}: {len(lines)}"
        yield from (f"    {line}" for line in lines[:shown])
        if shown is not None and len(lines) > shown:
            yield f"    and {len(lines) - shown} more (--mentions shows them)"


def _decided(reason: "Reason") -> str:
    return f"{reason.alias}  {reason.reason} {reason.score:.2f}  {reason.evidence}"


def _said(relation: "Said") -> str:
    stated = f"{relation.head} > {relation.predicate} > {relation.tail} ({relation.confidence:.2f})"
    return f"{stated}  {_where(relation.place)}  {_short(relation.place.sentence)}"


def _where(place: "Place") -> str:
    return f"[{place.path}:{place.start}-{place.end}]"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
