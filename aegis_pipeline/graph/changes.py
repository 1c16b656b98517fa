"""What one write changed in the graph: documents, entities and statements, for people to read.

The last write's changes are kept at the graph's root, in a file of the generation that holds: so they never tell of a
write that did not come to its end.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import statements
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.files import replace_file
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.graph.rows import EDGES, NODES, Row
from aegis_pipeline.graph.statements import Statement
from aegis_pipeline.graph.update import Update


class Kind(StrEnum):
    """What became of it."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document of the batch that was written."""

    kind: Kind
    path: str


@dataclass(frozen=True, slots=True)
class EntityChange:
    """A node of the graph, by its key; ``details`` says what of it is other than before."""

    kind: Kind
    key: str
    name: str
    type: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementChange:
    """A relation that a document states; changed when its evidence, confidence or extractor is another."""

    kind: Kind
    head: str
    predicate: str
    tail: str
    document: str


@dataclass(frozen=True, slots=True)
class GraphChanges:
    """What the last write changed; ``time`` is when it ended (ISO 8601, UTC)."""

    batch: str
    time: str
    documents: tuple[DocumentChange, ...] = ()
    entities: tuple[EntityChange, ...] = ()
    statements: tuple[StatementChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True where the write found everything as it should be."""
        return not (self.documents or self.entities or self.statements)


_CHANGES = TypeAdapter(GraphChanges)


def changes_of(batch: str, time: str, before: Corpus, after: Corpus, update: Update) -> GraphChanges:
    """What leads from ``before`` to ``after``, as ``update`` writes it."""
    return GraphChanges(
        batch,
        time,
        tuple(_documents(_of_batch(before, batch), _of_batch(after, batch))),
        tuple(_entities(_nodes(before, update.before), _nodes(after, update.after))),
        tuple(_statements(before, after, update)),
    )


def _of_batch(corpus: Corpus, batch: str) -> dict[str, Any]:
    return {d.document_id: d for d in corpus.batches[batch].documents} if batch in corpus.batches else {}


def _kinds(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterable[tuple[Kind, Any]]:
    """What became of each key, in order; what is the same is left out."""
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield Kind.ADDED, key
        elif key not in after:
            yield Kind.REMOVED, key
        elif before[key] != after[key]:
            yield Kind.CHANGED, key


def _documents(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[DocumentChange]:
    found = [DocumentChange(kind, (after.get(i) or before[i]).path) for kind, i in _kinds(before, after)]
    return sorted(found, key=lambda change: change.path)


def _nodes(corpus: Corpus, rows: Mapping[str, Mapping[Any, Row]]) -> dict[str, Row]:
    """Key → node, its documents by their paths: all of them, LightRAG's own property is capped."""
    paths = {chunk.id: document.path for document in corpus.documents.values() for chunk in document.chunks}
    tracked = rows.get("entity_chunks", {})
    return {
        key: node | {"documents": sorted({paths[chunk_id] for chunk_id in tracked[key]["chunk_ids"]})}
        for key, node in rows.get(NODES, {}).items()
    }


def _entities(before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterable[EntityChange]:
    for kind, key in _kinds(before, after):
        node = after.get(key) or before[key]
        details = _details(before[key], node) if kind is Kind.CHANGED else ()
        yield EntityChange(kind, key, node["name"], node["entity_type"], tuple(details))


def _details(before: Row, after: Row) -> Iterable[str]:
    for title, name in (("name", "name"), ("type", "entity_type")):
        if before[name] != after[name]:
            yield f"{title} {before[name]} → {after[name]}"
    yield from _listed("alias", json.loads(before["aliases"]), json.loads(after["aliases"]))
    yield from _listed("document", before["documents"], after["documents"])
    if before["description"] != after["description"]:
        yield "description"


def _listed(title: str, before: Sequence[str], after: Sequence[str]) -> Iterable[str]:
    yield from (f"{title} +{item}" for item in after if item not in before)
    yield from (f"{title} -{item}" for item in before if item not in after)


def _statements(before: Corpus, after: Corpus, update: Update) -> Iterable[StatementChange]:
    paths = {i: document.path for corpus in (before, after) for i, document in corpus.documents.items()}
    for kind, (document_id, head, predicate, tail) in _kinds(_stated(update.before), _stated(update.after)):
        yield StatementChange(kind, head, predicate, tail, paths[document_id])


def _stated(rows: Mapping[str, Mapping[Any, Row]]) -> dict[tuple[str, ...], list[Statement]]:
    found: dict[tuple[str, ...], list[Statement]] = {}
    for edge in rows.get(EDGES, {}).values():
        for statement in statements.decode(edge[statements.PROPERTY]):
            place = (statement.document_id, statement.head, statement.predicate, statement.tail)
            found.setdefault(place, []).append(statement)
    return found


def last_changes(generations: Generations) -> GraphChanges | None:
    """What the last write that came to its end changed; None before the first.

    Raises:
        GraphError: the file that tells is missing or broken.
    """
    current = generations.current
    return read_changes(generations.note(current)) if current else None


def dump_changes(changes: GraphChanges) -> bytes:
    """Changes in JSON."""
    return _CHANGES.dump_json(changes)


def load_changes(content: bytes | str) -> GraphChanges:
    """What ``dump_changes`` was given.

    Raises:
        ValueError: the content is something else.
    """
    return _CHANGES.validate_json(content)


def write_changes(path: Path, changes: GraphChanges) -> None:
    """Replace the file in one step."""
    replace_file(path, dump_changes(changes))


def read_changes(path: Path) -> GraphChanges:
    """What ``write_changes`` kept.

    Raises:
        GraphError: the file is missing or holds something else.
    """
    try:
        return load_changes(path.read_bytes())
    except (FileNotFoundError, ValueError):
        raise GraphError(f"{path} does not tell what the last write changed. The next `aegis run` writes it.") from None
