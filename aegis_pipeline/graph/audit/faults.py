"""What is wrong with the rows of a store: pure functions of the rows that it should have and of those that it has."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aegis_pipeline.graph.audit.guests import guests, sources
from aegis_pipeline.graph.audit.owners import owners
from aegis_pipeline.graph.rows import NODES, Row, Rows
from aegis_pipeline.graph.typed.rows import TYPED_DOCUMENTS, TYPED_ENTITIES, TYPED_STATEMENTS
from aegis_pipeline.graph.update import RowIds, union


class RowFault(StrEnum):
    """What is wrong with a row."""

    MISSING = "missing"
    ORPHANED = "orphaned"
    DANGLING = "dangling"  # it rests on a chunk that is not there
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class GraphFaults:
    """The rows that are wrong, by fault and store; and ``leftovers``: how many things a killed write has left.

    ``to_mend`` are the ids of what is to be written or removed, and of all that belongs to the same document, node or
    edge.
    """

    rows: Mapping[RowFault, RowIds] = field(default_factory=dict)
    leftovers: int = 0
    to_mend: RowIds = field(default_factory=dict)

    @property
    def counts(self) -> dict[tuple[RowFault, str], int]:
        """Fault and store → how many rows."""
        return {(fault, store): len(ids) for fault, stores in self.rows.items() for store, ids in stores.items()}

    def __bool__(self) -> bool:
        return bool(self.rows or self.leftovers)


def find_faults(expected: Rows, stored: Rows, leftovers: int = 0) -> GraphFaults:
    """Compare every row; of one that is there, the fields that it should have."""
    own, found = guests(stored), defaultdict[RowFault, dict[str, set[Any]]](lambda: defaultdict(set))
    for store in expected.keys() | stored.keys():
        rows = _compared(expected.get(store, {}), stored.get(store, {}), own.get(store, ()), expected["text_chunks"])
        for row_id, fault in rows:
            found[fault][store].add(row_id)
    plain = {fault: dict(stores) for fault, stores in found.items()}
    return GraphFaults(plain, leftovers, _to_mend(expected, plain))


def _compared(
    expected: Mapping[Any, Row], stored: Mapping[Any, Row], guest: Collection[Any], chunks: Collection[str]
) -> Iterator[tuple[Any, RowFault]]:
    for row_id, wanted in expected.items():
        row = stored.get(row_id)
        if row is None:
            yield row_id, RowFault.MISSING
        elif row_id not in guest and any(row[name] != value for name, value in wanted.items() if name in row):
            yield row_id, RowFault.DIFFERENT if sources(row) <= set(chunks) else RowFault.DANGLING
    for row_id in stored.keys() - expected.keys() - set(guest):
        yield row_id, RowFault.ORPHANED


def _to_mend(expected: Rows, faults: Mapping[RowFault, RowIds]) -> RowIds:
    owned = owners(expected)
    wrong = {
        owned[store][i] for own in faults.values() for store in own for i in own[store] if i in owned.get(store, {})
    }
    whole = {store: {i for i, owner in rows.items() if owner in wrong} for store, rows in owned.items()}
    orphans = faults.get(RowFault.ORPHANED, {})
    return {store: ids for store, ids in union(whole, orphans, _typed(whole, orphans)).items() if ids}


def _typed(whole: RowIds, orphans: RowIds) -> RowIds:
    """An entity of the typed graph goes with its node. Statements are looked for everywhere, whatever they hang on."""
    return {NODES: orphans.get(TYPED_ENTITIES, ()), TYPED_STATEMENTS: whole.get(TYPED_DOCUMENTS, ())}
