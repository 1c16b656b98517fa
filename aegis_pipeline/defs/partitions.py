"""One partition for each batch: a folder of documents."""

import hashlib
import os
import re
from pathlib import Path

import dagster as dg

document_batches = dg.DynamicPartitionsDefinition(name="document_batches")

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_NAME_LENGTH = 48


def batch_key(folder: Path) -> str:
    """The partition key of a folder: its name, readable, and a hash of its absolute path.

    Dagster refuses some characters in keys, and a folder's name may have any: only letters, digits, ``-`` and ``_``
    are kept. Two folders of one name are two batches.
    """
    path = os.path.abspath(folder)  # noqa: PTH100 - a link is a folder of its own: nothing is resolved
    name = _UNSAFE.sub("-", Path(path).name).strip("-")[:_NAME_LENGTH] or "documents"
    return f"{name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
