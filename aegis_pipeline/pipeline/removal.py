"""Taking a batch out of everything that it contributed to."""

from dataclasses import dataclass

from aegis_pipeline import tables
from aegis_pipeline.events import Event
from aegis_pipeline.graph import BatchContribution, GraphStore
from aegis_pipeline.inbox import folder_key
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import event_log
from aegis_pipeline.pipeline.legacy import LegacyPipeline

_log = event_log(__name__)


@dataclass(frozen=True, slots=True)
class Removal:
    """What was there of a batch and is no more: documents in the graph and in the legacy one, files in the lake."""

    documents: int
    legacy_documents: int
    files: int


def remove_batch(
    batch: str, lake: DocumentLake, store: GraphStore, legacy: LegacyPipeline | None, *, is_last: bool
) -> Removal:
    """Take ``batch`` out of the graph, of the legacy graph (where there is one), and last of the lake.

    What is gone already is passed over: a removal that was killed is completed by the next. ``is_last`` when no other
    batch of its folder is left: then the lake also forgets which file was in which.

    Raises:
        GraphError: a graph could not be written.
        ServiceUnavailableError: the graph's servers do not answer.
    """
    written = store.write(BatchContribution(batch, (), {}))
    from_legacy = legacy.update(batch, ()).removed if legacy else ()
    files = lake.remove(batch, keep=[tables.PLACES])
    if is_last:
        files += lake.remove(folder_key(batch)[0])
    removal = Removal(len(written.difference.removed), len(from_legacy), files)
    _log.info(
        Event.BATCH_REMOVED,
        batch=batch,
        documents=removal.documents,
        legacy_documents=removal.legacy_documents,
        files=removal.files,
    )
    return removal
