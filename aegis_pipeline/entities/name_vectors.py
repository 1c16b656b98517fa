"""Vectors of a batch's distinct names, and which of a document's lie near each other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aegis_pipeline.entities.features import LEAST_COSINE
from aegis_pipeline.entities.neighbours import nearest_names

EncodeNames = Callable[[Sequence[str]], NDArray[np.float32]]
_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class NameVectors:
    """Distinct keys, sorted, and a unit vector each, shape ``(len(keys), dimension)``."""

    row: Mapping[str, int]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, keys: Iterable[str], encode_names: EncodeNames) -> "NameVectors":
        """One pass of the encoder over the distinct keys of a batch."""
        names = sorted(set(keys))
        return cls({name: row for row, name in enumerate(names)}, encode_names(names))

    def near(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """For each of one document's keys the others that are near to it. Keys without a vector have none.

        Only names of one document are compared, so that what is found there does not hang on other documents.
        """
        names = sorted({key for key in keys if key in self.row})
        found: dict[str, list[str]] = defaultdict(list)
        own = self.vectors[[self.row[name] for name in names]]
        for one, other in nearest_names(own, _NEIGHBOURS, LEAST_COSINE).rows.tolist():
            found[names[one]].append(names[other])
            found[names[other]].append(names[one])
        return found

    def cosine(self, one: str, other: str) -> float:
        """Cosine of two keys' vectors."""
        return float(self.vectors[self.row[one]] @ self.vectors[self.row[other]])
