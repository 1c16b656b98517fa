"""Answers on disk, so that a re-run or a retry pays for nothing twice: a small file for each section.

The key is a hash of the model's digest and of all that the model is told of the section. The folder may be deleted at
any time.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any


class AnswerCache:
    """JSON values under ``folder``, by text keys. Who reads sees a whole file or none, whoever else writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, *key: str) -> Any | None:
        """What was kept under ``key``, or None; a file that cannot be read counts as none."""
        try:
            return json.loads(self._path(key).read_bytes())
        except (OSError, ValueError):
            return None

    def put(self, value: Any, *key: str) -> None:
        """Keep ``value`` under ``key``."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_suffix(f".{os.getpid()}")
        staged.write_text(json.dumps(value), encoding="utf-8")
        staged.replace(path)

    def _path(self, key: tuple[str, ...]) -> Path:
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()
        return self._folder / name[:2] / f"{name}.json"
