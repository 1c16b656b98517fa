"""Vectors of names, kept in the lake from run to run."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import Encoder, vectors_version
from aegis_pipeline.records import NameVector

_STORED = np.dtype("<f4")


class NameVectorCache:
    """Gives what the encoder gives, but encodes each name once: an encoder's vectors are kept in the lake.

    Only those of names that were asked for are saved.
    """

    def __init__(self, lake: DocumentLake, batch: str, encoder: Encoder) -> None:
        self._lake, self._batch, self._encoder = lake, batch, encoder
        self.version = vectors_version(encoder)
        self._saved = self._load()
        self._used: dict[str, bytes] = {}

    def encode(self, names: Sequence[str]) -> NDArray[np.float32]:
        """One row a name, shape ``(len(names), dimension)``, of length 1."""
        known = self._saved | self._used
        new = [name for name in dict.fromkeys(names) if name not in known]
        made = self._encoder.encode(new).astype(_STORED)
        known |= {name: row.tobytes() for name, row in zip(new, made, strict=True)}
        self._used |= {name: known[name] for name in names}
        rows = np.frombuffer(b"".join(known[name] for name in names), dtype=_STORED)
        return rows.reshape(len(names), self._encoder.dimension).astype(np.float32)

    def save(self) -> None:
        """Keep the vectors of the names that were asked for, and of no others."""
        if self._used.keys() != self._saved.keys() or not self._lake.has(self._batch, tables.NAME_VECTORS):
            records = [NameVector(name, self.version, vector) for name, vector in sorted(self._used.items())]
            self._lake.write(self._batch, tables.NAME_VECTORS, records)

    def _load(self) -> dict[str, bytes]:
        if not self._lake.has(self._batch, tables.NAME_VECTORS):
            return {}
        rows = self._lake.read(self._batch, tables.NAME_VECTORS)
        return {row.name: row.vector for row in rows if row.encoder == self.version}
