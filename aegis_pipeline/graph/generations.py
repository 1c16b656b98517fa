"""Whole graphs on disk, one folder each, and a pointer to the one that holds.

A batch is written into a copy, and the pointer moves when the copy is complete: whoever reads sees the graph before
the batch or after it, and a process that is killed while it writes leaves the graph as it was.
"""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from aegis_pipeline.graph.files import replace_file

_POINTER = "CURRENT"


class Generations:
    """The generations of one graph under ``root``. Each name is unique, in this process and in every other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = FileLock(root / ".lock")

    @property
    def current(self) -> str | None:
        """The generation that holds, or None before the first."""
        pointer = self.root / _POINTER
        return pointer.read_text(encoding="ascii").strip() if pointer.exists() else None

    def folder(self, generation: str) -> Path:
        """Where a generation's files are."""
        return self.root / generation

    def note(self, generation: str) -> Path:
        """A file beside the generation's folder, which goes with it."""
        return self.root / f"{generation}.json"

    def undos(self, generation: str) -> Path:
        """Another file beside the generation's folder, which goes with it."""
        return self.root / f"undo-{generation}.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time: a second process waits. Who has the lock may take it again."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock:
            yield

    @property
    def leftovers(self) -> list[str]:
        """Generations that a killed writer has left; to be asked with the lock, for one that is being written is newer
        than the pointer too. The one before the current is older: somebody may still read it."""
        pointer = self.root / _POINTER
        moved = pointer.stat().st_ctime_ns if pointer.exists() else 0
        folders = self.root.iterdir() if self.root.exists() else ()
        return sorted(f.name for f in folders if f.is_dir() and f.name != self.current and f.stat().st_ctime_ns > moved)

    def sweep(self) -> None:
        """Remove what killed writers have left."""
        with self.locked():
            for generation in self.leftovers:
                self._discard(generation)

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[str]:
        """A copy of the current generation to write into, or with ``afresh`` an empty one; it becomes current when the
        block ends without an error."""
        with self.locked():
            previous, generation = self.current, f"g{uuid.uuid4().hex[:12]}"
            self._copy(None if afresh else previous, generation)
            try:
                yield generation
                self._commit(generation)
            except BaseException:
                self._discard(generation)
                raise
            self._remove_all_but({generation, previous})

    def _copy(self, previous: str | None, generation: str) -> None:
        if previous is None:
            self.folder(generation).mkdir()
        else:
            shutil.copytree(self.folder(previous), self.folder(generation))

    def _commit(self, generation: str) -> None:
        replace_file(self.root / _POINTER, generation.encode("ascii"))

    def _remove_all_but(self, kept: set[str | None]) -> None:
        """The previous generation stays, for readers that have it open; what killed writers left goes."""
        for folder in self.root.iterdir():
            if folder.is_dir() and folder.name not in kept:
                self._discard(folder.name)

    def _discard(self, generation: str) -> None:
        """The folder, and the files beside it, also those that were being written."""
        shutil.rmtree(self.folder(generation), ignore_errors=True)
        for note in self.root.glob(f"*{self.note(generation).name}"):
            note.unlink(missing_ok=True)
