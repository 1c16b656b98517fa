"""What a graph in servers was made from, and what a write that did not come to its end may have touched.

It is kept where LightRAG's key-value rows are: in PostgreSQL (``postgres/archive.py``), or in a folder as here.
"""

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from filelock import AsyncFileLock

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.archive import VERSION, batch_of, plain_batch
from aegis_pipeline.graph.changes import GraphChanges, dump_changes, load_changes
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.files import replace_file
from aegis_pipeline.graph.undo import Undo, plain_undo, undo_from
from aegis_pipeline.graph.update import RowIds


@dataclass(frozen=True, slots=True)
class Archived:
    """What the last write that came to its end left, and ``pending``: the rows that a later one may have touched.

    ``encoder`` is the digest of what made the vectors.
    """

    encoder: str
    corpus: Corpus = field(default_factory=Corpus)
    pending: RowIds = field(default_factory=dict)


class ServedArchive(Protocol):
    """What is kept of one graph. Who writes holds the lock; reading needs none."""

    def locked(self) -> AbstractAsyncContextManager[Any]:
        """One writer at a time, in every process."""

    async def read(self) -> Archived | None:
        """What is kept; None before the first write.

        Raises:
            GraphError: what is kept is not of this version.
        """

    async def begin(self, encoder: str, pending: RowIds) -> None:
        """Keep, before anything is written, which rows may be touched."""

    async def commit(self, before: Corpus, after: Corpus, undo: Undo, changes: GraphChanges, /) -> None:
        """Keep that ``after`` was written in the place of ``before``; nothing is pending any more."""

    async def undo(self, batch: str) -> Undo | None:
        """How to take back the last write of ``batch``; None where it was never written."""

    async def changes(self) -> GraphChanges | None:
        """What the last write changed; None before the first."""


class FolderArchive:
    """A file of everything, replaced in one step, and beside it one of what is pending."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self._pending, self._lock = (folder / name for name in ("graph.json", "pending.json", ".lock"))

    def locked(self) -> AbstractAsyncContextManager[Any]:
        """See ``ServedArchive.locked``."""
        return AsyncFileLock(self._lock)

    async def read(self) -> Archived | None:
        """See ``ServedArchive.read``."""
        pending = json.loads(self._pending.read_bytes()) if self._pending.exists() else None
        kept = self._load()
        if kept is None:
            return Archived(pending["encoder"], pending=load_ids(pending["ids"])) if pending else None
        batches = {name: batch_of(name, batch) for name, batch in kept["batches"].items()}
        return Archived(kept["encoder"], Corpus(batches), load_ids(pending["ids"]) if pending else {})

    async def begin(self, encoder: str, pending: RowIds) -> None:
        """See ``ServedArchive.begin``."""
        _replace(self._pending, {"encoder": encoder, "ids": dump_ids(pending)})

    async def commit(self, _before: Corpus, after: Corpus, undo: Undo, changes: GraphChanges, /) -> None:
        """See ``ServedArchive.commit``."""
        kept = self._load() or {"undo": {}, **json.loads(self._pending.read_bytes())}
        content = {
            "version": VERSION,
            "encoder": kept["encoder"],
            "batches": {name: plain_batch(batch) for name, batch in sorted(after.batches.items())},
            "undo": kept["undo"] | {changes.batch: plain_undo(undo)},
            "changes": dump_changes(changes).decode(),
        }
        _replace(self._file, content)
        self._pending.unlink(missing_ok=True)

    async def undo(self, batch: str) -> Undo | None:
        """See ``ServedArchive.undo``."""
        kept = self._load()
        return undo_from(batch, kept["undo"][batch]) if kept and batch in kept["undo"] else None

    async def changes(self) -> GraphChanges | None:
        """See ``ServedArchive.changes``."""
        kept = self._load()
        return load_changes(kept["changes"]) if kept else None

    def _load(self) -> dict[str, Any] | None:
        if not self._file.exists():
            return None
        kept: dict[str, Any] = json.loads(self._file.read_bytes())
        if kept["version"] != VERSION:
            raise wrong_version(str(self._file), kept["version"])
        return kept


def wrong_version(place: str, version: int) -> GraphError:
    """What to do with a graph that another version of this project wrote."""
    return GraphError(
        f"{place} is of a graph of version {version}; this is version {VERSION}. "
        "Set AEGIS_WORKSPACE to a new name and run the batches again: `aegis run FOLDER`."
    )


def _replace(path: Path, content: Any) -> None:
    replace_file(path, json.dumps(content).encode("ascii"))


def dump_ids(ids: RowIds) -> str:
    """Row ids in JSON, where pairs are lists."""
    return json.dumps({store: list(found) for store, found in ids.items()})


def load_ids(text: str) -> dict[str, set[Any]]:
    """What ``dump_ids`` was given."""
    return {store: {_hashable(row_id) for row_id in found} for store, found in json.loads(text).items()}


def _hashable(row_id: Any) -> Any:
    return tuple(map(_hashable, row_id)) if isinstance(row_id, list) else row_id
