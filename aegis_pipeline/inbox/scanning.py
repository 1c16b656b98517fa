"""What is in the inbox and in one of its folders, seen from outside: names, sizes and times, no contents."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aegis_pipeline.documents import COMPLETE_MARKER, FoundFile, display_path, walk
from aegis_pipeline.errors import InputError

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ScannedFolder:
    """The files of a folder; ``is_complete`` when its marker says so."""

    files: tuple[FoundFile, ...] = ()
    is_complete: bool = False


def inbox_folders(inbox: Path) -> tuple[dict[str, Path], str]:
    """The folders in the inbox by their names in valid UTF-8, and what tells the inbox from another directory at its
    place (device and inode).

    Files that lie in the inbox itself, hidden folders and links belong to no batch.

    Raises:
        InputError: there is no inbox, or it cannot be listed.
    """
    try:
        status = inbox.stat()
        with os.scandir(inbox) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError as error:
        raise InputError(
            f"The inbox {inbox} cannot be listed ({error.strerror}): make that folder, mount it, or set AEGIS_INBOX."
        ) from None
    shown = {display_path(name): inbox / name for name in sorted(names) if not name.startswith(".")}
    return shown, f"{status.st_dev}:{status.st_ino}"


def scan(folder: Path) -> ScannedFolder:
    """The files of a folder and of the folders in it.

    The marker counts while no file is younger: one that was left from earlier says nothing of what is arriving now.

    Raises:
        InputError: the folder cannot be listed.
    """
    files = tuple(walk(folder))
    try:
        marked_ns = (folder / COMPLETE_MARKER).lstat().st_mtime_ns
    except OSError:
        return ScannedFolder(files)
    return ScannedFolder(files, is_complete=all(file.modified_ns <= marked_ns for file in files))


def fingerprint(files: Iterable[FoundFile]) -> str:
    """A hash of each file's path, size and time: another when a file came, went, or was written."""
    hashed = hashlib.sha256()
    for file in files:
        hashed.update(f"{display_path(file.path)}\0{file.size_bytes}\0{file.modified_ns}\0".encode())
    return hashed.hexdigest()[:_DIGITS]
