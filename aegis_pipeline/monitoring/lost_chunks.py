"""How many chunks the LLM has lost, over all batches of the lake."""

from collections import Counter

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake, Stamp
from aegis_pipeline.pipeline.batches import dead_letters_of


class LostChunks:
    """Dead letters by reason. A batch's are read again only when its table was written since."""

    def __init__(self, lake: DocumentLake) -> None:
        self._lake = lake
        self._known: dict[str, tuple[Stamp, Counter[str]]] = {}

    def by_reason(self) -> Counter[str]:
        """Reason → chunks, as the lake has them now."""
        batches = [batch for batch in self._lake.batches() if self._lake.has(batch, tables.DEAD_LETTERS)]
        self._known = {batch: self._of(batch) for batch in batches}
        return sum((counts for _, counts in self._known.values()), Counter[str]())

    def _of(self, batch: str) -> tuple[Stamp, Counter[str]]:
        stamp = self._lake.stamp(batch, [tables.DEAD_LETTERS])
        known = self._known.get(batch)
        return known if known and known[0] == stamp else (stamp, dead_letters_of(self._lake, batch))
