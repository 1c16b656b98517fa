"""Walking a folder and reading its files, on the guard against everything that is no plain file inside of it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from aegis_pipeline.documents.formats import EXTENSIONS
from aegis_pipeline.errors import DocumentError, InputError
from aegis_pipeline.records import DocumentStatus

COMPLETE_MARKER = "_SUCCESS"
"""A file of this name at the top of a folder says that the folder is complete; it is no document."""

_KINDS = {
    stat.S_IFLNK: "a link; links are not followed, put the file itself here",
    stat.S_IFIFO: "a named pipe, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a character device, not a file",
    stat.S_IFBLK: "a block device, not a file",
    stat.S_IFDIR: "a folder with a document's name; what is in it has rows of its own",
}
# O_NONBLOCK: opening a pipe that nobody writes to would wait for ever. Windows has neither flag, and no such pipes.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One thing in the folder. ``path`` is relative, with ``/``, and as the system gave it (it may be no UTF-8);
    ``modified_ns`` is when it was last written, in nanoseconds; ``fault`` says why it is not to be opened."""

    path: str
    size_bytes: int = 0
    modified_ns: int = 0
    identity: tuple[int, int] | None = None
    fault: DocumentError | None = None


def walk(folder: Path) -> Iterator[FoundFile]:
    """Everything in ``folder`` that is no folder, in the order of the names' bytes, whatever it is; besides, folders
    that cannot be listed, that have the name of a document, or that are hidden (these are not entered). The marker of a
    complete folder is left out.

    Links are never followed, so that nothing outside is reached and no cycle is entered; only ``folder`` itself may be
    a link, since the user named it.

    Raises:
        InputError: ``folder`` cannot be listed.
    """
    waiting = [path for path in _list_root(folder) if path != COMPLETE_MARKER]
    while waiting:
        path = waiting.pop()
        try:
            status = os.lstat(folder / path)
            if stat.S_ISDIR(status.st_mode) and not _is_hidden(path):
                waiting += _children(folder, path)
        except OSError as error:
            yield FoundFile(path, fault=_unreadable(error))
            continue
        is_row = _is_hidden(path) or PurePosixPath(path).suffix.lower() in EXTENSIONS
        if is_row or not stat.S_ISDIR(status.st_mode):
            identity = (status.st_dev, status.st_ino)
            yield FoundFile(path, status.st_size, status.st_mtime_ns, identity, _fault(path, status.st_mode))


def read_bytes(folder: Path, file: FoundFile, bytes_max: int) -> bytes:
    """The content of a plain file.

    It is opened without following a link and without waiting, and must still be what the walk saw: a pipe or a link
    that took its place meanwhile is refused.

    Raises:
        DocumentError: ``unreadable``, ``refused`` or ``too_large``.
    """
    if file.size_bytes > bytes_max:
        raise _too_large(f"{file.size_bytes:,} bytes", bytes_max)
    try:
        with os.fdopen(os.open(folder / file.path, _OPEN_FLAGS), "rb") as stream:
            now = os.fstat(stream.fileno())
            if not stat.S_ISREG(now.st_mode) or (now.st_dev, now.st_ino) != file.identity:
                raise DocumentError(DocumentStatus.REFUSED, "something else took its place while the folder was read")
            data = stream.read(bytes_max + 1)
    except OSError as error:
        raise _unreadable(error) from None
    if len(data) > bytes_max:
        raise _too_large(f"more than {bytes_max:,} bytes", bytes_max)
    return data


def _list_root(folder: Path) -> list[str]:
    try:
        return _children(folder, "")
    except FileNotFoundError:
        raise InputError(f"{folder}: there is no such folder; name the one that holds the documents") from None
    except NotADirectoryError:
        raise InputError(f"{folder}: a file, not a folder; name the folder that it is in") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed ({error.strerror}); make it readable for this user") from None


def _children(folder: Path, path: str) -> list[str]:
    """The paths of what is in the folder ``path``, last first."""
    prefix = f"{path}/" if path else ""
    with os.scandir(folder / path) as entries:
        names = [entry.name for entry in entries]
    return [prefix + name for name in sorted(names, key=os.fsencode, reverse=True)]


def _is_hidden(path: str) -> bool:
    return PurePosixPath(path).name.startswith(".")


def _fault(path: str, mode: int) -> DocumentError | None:
    if _is_hidden(path):
        return DocumentError(DocumentStatus.REFUSED, "hidden (its name begins with a dot); rename it to have it read")
    if not stat.S_ISREG(mode):
        return DocumentError(DocumentStatus.REFUSED, _KINDS.get(stat.S_IFMT(mode), "not a plain file"))
    return None


def _unreadable(error: OSError) -> DocumentError:
    return DocumentError(
        DocumentStatus.UNREADABLE, f"cannot be read: {error.strerror}; check that it is there and that you may read it"
    )


def _too_large(found: str, bytes_max: int) -> DocumentError:
    return DocumentError(
        DocumentStatus.TOO_LARGE, f"{found}, at most {bytes_max:,}; split it or raise MAX_DOCUMENT_BYTES"
    )
