"""Vectors of a batch's distinct names, and which lie near each other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aegis_pipeline.entities.features import LEAST_COSINE
from aegis_pipeline.entities.neighbours import nearest_names

EncodeNames = Callable[[Sequence[str]], NDArray[np.float32]]
_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class NameVectors:
    """Distinct keys, sorted, a unit vector each (shape ``(len(keys), dimension)``), and for each key the near ones."""

    row: Mapping[str, int]
    vectors: NDArray[np.float32]
    near: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[str], encode_names: EncodeNames) -> "NameVectors":
        """One pass of the encoder over the distinct keys, and one index of nearest neighbours."""
        names = sorted(set(keys))
        vectors = encode_names(names)
        near: dict[str, list[str]] = {}
        for one, other in nearest_names(vectors, _NEIGHBOURS, LEAST_COSINE).rows.tolist():
            near.setdefault(names[one], []).append(names[other])
            near.setdefault(names[other], []).append(names[one])
        return cls({name: row for row, name in enumerate(names)}, vectors, near)

    def cosine(self, one: str, other: str) -> float:
        """Cosine of two keys' vectors."""
        return float(self.vectors[self.row[one]] @ self.vectors[self.row[other]])
