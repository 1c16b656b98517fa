"""Content hashes of files and folders."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The sha256, in hexadecimal, of a file's bytes or of a folder's content (names and bytes, in order of names)."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for name in sorted(file.relative_to(path).as_posix() for file in _files(path)):
        whole.update(f"{name}\0{sha256_of(path / name)}\n".encode())
    return whole.hexdigest()


def _files(folder: Path) -> list[Path]:
    """Every file of the folder, without what Python itself leaves there."""
    return [file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
