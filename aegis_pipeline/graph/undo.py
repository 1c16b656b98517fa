"""What the last write of a batch replaced: kept beside the graph, so that the batch's contribution can be put back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aegis_pipeline.graph.archive import batch_of, plain_batch
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import BatchChange, Corpus
from aegis_pipeline.graph.files import replace_file


@dataclass(frozen=True, slots=True)
class Undo:
    """The documents and names that a write changed or removed, as they were, and those that it added."""

    replaced: BatchContribution
    added_documents: tuple[str, ...] = ()
    added_names: tuple[str, ...] = ()


def undo_of(before: Corpus, change: BatchChange) -> Undo:
    """How the batch comes back from ``change`` to ``before``; not at all from a change that is final."""
    batch, difference = change.batch, change.difference
    if change.is_final:
        return Undo(BatchContribution(batch, (), {}))
    old, new = before.share(batch), change.after.share(batch)
    gone = difference.changed | difference.removed
    names = {thing: naming for thing, naming in old.names.items() if new.names.get(thing) != naming}
    return Undo(
        replaced=BatchContribution(batch, tuple(d for d in old.documents if d.document_id in gone), names),
        added_documents=tuple(sorted(difference.added)),
        added_names=tuple(sorted(new.names.keys() - old.names.keys())),
    )


def undone(contribution: BatchContribution, undo: Undo) -> BatchContribution:
    """What the batch contributed before the write that ``undo`` belongs to."""
    documents = {d.document_id: d for d in (*contribution.documents, *undo.replaced.documents)}
    kept = sorted(documents.keys() - set(undo.added_documents))
    names = {**contribution.names, **undo.replaced.names}
    known = {thing: names[thing] for thing in sorted(names.keys() - set(undo.added_names))}
    return replace(contribution, documents=tuple(documents[key] for key in kept), names=known)


def put_back(corpus: Corpus, batch: str, undo: Undo | None) -> BatchChange:
    """To what ``batch`` contributed before its last write; to what it contributes where nobody knows of one.

    Raises:
        InputError: there is no such batch, and there was none.
    """
    contribution = corpus.require(batch) if undo is None else corpus.share(batch)
    change = corpus.change(undone(contribution, undo) if undo else contribution)
    return replace(change, is_final=True)


def plain_undo(undo: Undo) -> list[Any]:
    """Plain values for JSON."""
    return [plain_batch(undo.replaced), undo.added_documents, undo.added_names]


def undo_from(batch: str, plain: Sequence[Any]) -> Undo:
    """What ``plain_undo`` was given."""
    replaced, documents, names = plain
    return Undo(batch_of(batch, replaced), tuple(documents), tuple(names))


def read_undo(path: Path, batch: str) -> Undo | None:
    """What the file keeps of ``batch``; None where it was never written, or there is no file."""
    kept = _read(path)
    return undo_from(batch, kept[batch]) if batch in kept else None


def write_undo(path: Path, batch: str, undo: Undo, earlier: Path) -> None:
    """Keep ``undo`` at ``path``, beside what ``earlier`` keeps of other batches, in one step."""
    replace_file(path, json.dumps(_read(earlier) | {batch: plain_undo(undo)}).encode("ascii"))


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    return content
