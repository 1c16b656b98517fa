"""One look at the inbox: what it holds and what was known of it → the runs to ask for, and what is known now.

A tick may be repeated with what was known before it (its process was killed): it asks for the same runs by the same
keys, and Dagster starts none twice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_pipeline.documents import FoundFile
from aegis_pipeline.errors import InputError, LakeError
from aegis_pipeline.events import Event
from aegis_pipeline.inbox.cursor import FolderState, InboxCursor
from aegis_pipeline.inbox.scanning import ScannedFolder, fingerprint, inbox_folders, scan
from aegis_pipeline.logs import event_log

_log = event_log(__name__)
Shards = Callable[[Path, Sequence[FoundFile]], Mapping[str, Sequence[FoundFile]]]
"""Divides the files of a folder: batch key → its files."""
_NAMED = 5  # batches or folders that a message names


@dataclass(frozen=True, slots=True)
class TickLimits:
    """What one tick may do: it has 60 s. Files are counted from folder to folder; one folder is looked at whole."""

    requests: int = 25
    files: int = 20_000


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A batch to be processed, or to be removed. ``run_key`` is the same for the same state of the folder."""

    batch: str
    folder: Path
    run_key: str
    is_removal: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a tick asks for and then knows; ``note`` says what it saw."""

    requests: tuple[BatchRequest, ...]
    cursor: InboxCursor
    note: str


def look(
    inbox: Path, before: InboxCursor, existing: Collection[str], shards: Shards, limits: TickLimits | None = None
) -> Look:
    """Look at as many folders as ``limits`` allow, from the one after the last on.

    Args:
        existing: The batches that there are. One that was removed by hand is not removed again, and comes back when its
            folder changes.

    Raises:
        InputError: the inbox cannot be listed, or every folder that batches were made of is gone from it at once.
    """
    folders, directory = inbox_folders(inbox)
    known = {name: _existing(state, existing) for name, state in before.folders.items()}
    _check_mounted(inbox, folders, known, is_same=directory == before.directory)
    tick = _Tick(inbox, folders, before.revision + 1, shards, limits or TickLimits())
    states, last = dict(known), before.last
    for name in _rotated(sorted({*folders, *known}), before.last):
        if tick.is_over:
            break
        states[name], last = tick.look(name, known.get(name, FolderState())), name
    states = {name: state for name, state in states.items() if name in folders or state.batches}
    revision = before.revision + bool(tick.requests)
    waiting = sum(state.seen != state.taken for state in states.values())
    note = f"{len(folders):,} folder(s) in {inbox}, {waiting:,} still to be taken."
    note = " ".join([note, *tick.skipped[:_NAMED]])
    return Look(tuple(tick.requests), InboxCursor(before.inbox, directory, last, revision, states), note)


class _Tick:
    """The folders of one tick, one after the other: what they ask for, and how much is left to do."""

    def __init__(
        self, inbox: Path, folders: Mapping[str, Path], revision: int, shards: Shards, limits: TickLimits
    ) -> None:
        self._inbox, self._folders, self._revision, self._shards = inbox, folders, revision, shards
        self._limits, self._files = limits, 0
        self.requests: list[BatchRequest] = []
        self.skipped: list[str] = []

    @property
    def is_over(self) -> bool:
        return self._files >= self._limits.files or len(self.requests) >= self._limits.requests

    def look(self, name: str, state: FolderState) -> FolderState:
        """What is known of the folder after this; one that cannot be looked at stays as it was."""
        try:
            return self._looked(name, state)
        except (InputError, LakeError) as error:
            _log.warning(Event.INBOX_FOLDER_SKIPPED, folder=name, reason=str(error))
            self.skipped.append(str(error))
            return state

    def _looked(self, name: str, state: FolderState) -> FolderState:
        """A folder that is gone is one without files."""
        scanned = scan(self._folders[name]) if name in self._folders else ScannedFolder()
        self._files += len(scanned.files)
        now = fingerprint(scanned.files)
        is_ready = now == state.seen or scanned.is_complete
        state = replace(state, seen=now)
        return self._taken(name, state, scanned) if is_ready and now != state.taken else state

    def _taken(self, name: str, state: FolderState, scanned: ScannedFolder) -> FolderState:
        """Ask for the batches of the folder that are new, changed or gone, as far as this tick may."""
        folder = self._folders.get(name, self._inbox / name)
        wanted = {batch: fingerprint(files) for batch, files in self._shards(folder, scanned.files).items()}
        changed = [batch for batch in wanted if state.batches.get(batch) != wanted[batch]]
        gone = [batch for batch in state.batches if batch not in wanted]
        asked = [*gone, *changed][: self._limits.requests - len(self.requests)]
        self.requests += (self._request(batch, folder, wanted.get(batch)) for batch in asked)
        left = {batch: made for batch, made in state.batches.items() if batch not in asked}
        batches = left | {batch: wanted[batch] for batch in asked if batch in wanted}
        return replace(state, taken=state.seen if batches == wanted else None, batches=batches)

    def _request(self, batch: str, folder: Path, files: str | None) -> BatchRequest:
        run_key = f"{batch}:{files or 'removed'}:{self._revision}"
        return BatchRequest(batch, folder, run_key, is_removal=files is None)


def _existing(state: FolderState, existing: Collection[str]) -> FolderState:
    return replace(state, batches={batch: made for batch, made in state.batches.items() if batch in existing})


def _rotated(names: Sequence[str], last: str) -> Iterator[str]:
    """From the first name after ``last`` on, so that no folder waits for ever behind others."""
    yield from (name for name in names if name > last)
    yield from (name for name in names if name <= last)


def _check_mounted(inbox: Path, folders: Collection[str], known: Mapping[str, FolderState], *, is_same: bool) -> None:
    """A mount that is missing looks like an inbox that somebody has emptied. It is taken for emptied only when a folder
    is still there, or when the only one is gone from what is the same directory as before."""
    made = {name: state.batches for name, state in known.items() if state.batches}
    if not made or any(name in folders for name in made) or (len(made) == 1 and is_same):
        return
    batches = sorted(batch for own in made.values() for batch in own)
    named = " ".join(batches[:_NAMED]) + (" ..." if len(batches) > _NAMED else "")
    raise InputError(
        f"None of the {len(made):,} folder(s) that batches were made of is in {inbox} any more: nothing is removed, "
        f"and nothing new is read. Is it mounted? If they are to leave the graph: aegis remove {named}"
    )
