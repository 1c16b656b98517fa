"""The keys of batches: a folder's name and a hash of its path; a large folder's further batches have a number too."""

import hashlib
import os
import re
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_NAME_LENGTH = 48
_HASH_LENGTH = 8
_SHARD = re.compile(rf"(?P<folder>.*-[0-9a-f]{{{_HASH_LENGTH}}})-s(?P<number>[1-9][0-9]*)")


def batch_key(folder: Path) -> str:
    """The partition key of a folder: its name, readable, and a hash of its absolute path.

    Dagster refuses some characters in keys, and a folder's name may have any: only letters, digits, ``-`` and ``_``
    are kept. Two folders of one name are two batches.
    """
    path = os.path.abspath(folder)  # noqa: PTH100 - a link is a folder of its own: nothing is resolved
    name = _UNSAFE.sub("-", Path(path).name).strip("-")[:_NAME_LENGTH] or "documents"
    return f"{name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:_HASH_LENGTH]}"


def shard_key(folder: str, shard: int) -> str:
    """The key of a folder's batch number ``shard``: the folder's own for the first, with the number for the others."""
    return folder if shard == 1 else f"{folder}-s{shard}"


def folder_key(batch: str) -> tuple[str, int]:
    """The key of the folder that ``batch`` is a shard of, and its number: what ``shard_key`` was given."""
    found = _SHARD.fullmatch(batch)
    return (found["folder"], int(found["number"])) if found else (batch, 1)
