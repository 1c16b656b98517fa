"""The one interface of phase 3: whatever extracts relations stands behind it."""

from collections.abc import Sequence
from typing import Protocol

from aegis_pipeline.records import RelationInput, RelationResult


class RelationExtractor(Protocol):
    """Documents with their sentences, mentions and entities become relations with evidence.

    ``name`` and ``version`` go into ``Relation.extractor`` and into the keys of caches: the version changes whenever
    the same input could give other relations. A backend windows and packs its input as it needs.
    """

    @property
    def name(self) -> str:
        """What extracts, for example ``dependency``."""

    @property
    def version(self) -> str:
        """Changes with everything that the result depends on: code, patterns, weights, thresholds."""

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        """The relations of a batch, and an outcome for every document of it.

        OK: something is stated. EMPTY: nothing is, though all was read. DEGRADED: a part could not be read, and the
        detail says which. A failure is never EMPTY. Every relation's evidence lies in the text of its document.
        """
