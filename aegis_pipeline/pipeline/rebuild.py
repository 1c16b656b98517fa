"""The whole graph made anew from the documents of every batch.

Batches are extracted one after the other, with nothing kept of what was found before; then the graph is written once,
with all of them. A rebuild that is interrupted goes on with the batches that it has not forgotten yet, and keeps what
it has found of the others since.
"""

from collections.abc import Sequence
from typing import Any

from aegis_pipeline import tables
from aegis_pipeline.errors import GraphError
from aegis_pipeline.events import Event
from aegis_pipeline.graph import GraphStore, WriteReport, expected_counts
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import event_log
from aegis_pipeline.pipeline.batches import contribution_of, note_accepted
from aegis_pipeline.pipeline.kept import CHUNKING, MENTIONS, RELATIONS
from aegis_pipeline.relations import RelationSchema
from aegis_pipeline.tables import Table

_FORGOTTEN = "rebuilding"  # beside the tables of a batch, from when it is forgotten until the graph has it
_KEPT: tuple[Table[Any], ...] = (
    *(phase.fingerprints for phase in (CHUNKING, MENTIONS, RELATIONS)),
    tables.NAME_VECTORS,
)
_log = event_log(__name__)


def forget_batches(lake: DocumentLake) -> list[str]:
    """Have the next run of every batch read its documents, and find all that is in them, anew; every batch's key.

    A batch that was forgotten in a rebuild that has not come to its end is not forgotten again.
    """
    batches = lake.batches()
    for batch in batches:
        if not lake.noted(batch, _FORGOTTEN):
            _forget(lake, batch)
    return batches


def _forget(lake: DocumentLake, batch: str) -> None:
    lake.bind(batch, lake.origin(batch)["folder"])
    for table in _KEPT:
        lake.drop(batch, table)
    lake.note(batch, _FORGOTTEN, True)
    _log.info(Event.BATCH_FORGOTTEN, batch=batch)


def advice(stopped: Sequence[str]) -> str:
    """What to do about batches that did not get through."""
    return (
        f"{len(stopped)} batch(es) did not get through: {', '.join(stopped)}. Their runs say why. The graph is as it "
        "was. Mend the cause, or `aegis remove` a batch whose folder is gone, and rebuild again: it goes on from there."
    )


def rebuild_graph(lake: DocumentLake, store: GraphStore, schema: RelationSchema, batches: Sequence[str]) -> WriteReport:
    """Write the graph anew, with what ``batches`` contribute now; readers see the old one until it is whole.

    Raises:
        GraphError: read back, the graph holds something else.
        LakeError: a batch was not extracted.
    """
    contributions = [contribution_of(lake, batch, schema) for batch in batches]
    report = store.rebuild(contributions)
    for contribution in contributions:
        if store.counts(contribution) != expected_counts(contribution):
            raise GraphError(
                f"Read back, the rebuilt graph does not hold what batch {contribution.batch!r} contributes. "
                "`aegis audit` says what is missing."
            )
    for batch in batches:
        note_accepted(lake, batch)
        lake.note(batch, _FORGOTTEN, False)
    _log.info(Event.GRAPH_REBUILT, batches=len(batches))
    return report
