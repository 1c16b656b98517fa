"""One write of a graph in servers: noted, carried out in one transaction of each server, kept as done."""

from datetime import UTC, datetime

from aegis_pipeline.errors import GraphError
from aegis_pipeline.events import Event
from aegis_pipeline.graph.changes import GraphChanges, changes_of
from aegis_pipeline.graph.corpus import BatchChange
from aegis_pipeline.graph.postgres.storages import AegisPGVectorStorage, same_text
from aegis_pipeline.graph.served_archive import Archived, ServedArchive
from aegis_pipeline.graph.servers.opening import Opened
from aegis_pipeline.graph.servers.storable import check_storable
from aegis_pipeline.graph.typed.rows import with_typed
from aegis_pipeline.graph.undo import undo_of
from aegis_pipeline.graph.update import RowIds, Update, plan, union
from aegis_pipeline.graph.writing import write_graph, write_rows
from aegis_pipeline.logs import event_log
from aegis_pipeline.models import Encoder

_VECTORS = ("chunks_vdb", "entities_vdb", "relationships_vdb")
_log = event_log(__name__)


async def last_state(opened: Opened, archive: ServedArchive, encoder: Encoder) -> Archived:
    """What the graph holds and was made from.

    Raises:
        GraphError: it is somebody else's graph, or its vectors were made by another encoder.
    """
    kept = await archive.read()
    if kept is None:
        await _check_nobody_elses(opened)
        return Archived(encoder.digest)
    if kept.encoder != encoder.digest:
        raise GraphError(
            "The graph's vectors were made by another ENCODER_MODEL than this. Set it back, or set AEGIS_WORKSPACE to "
            "a new name and run the batches again: `aegis run FOLDER`."
        )
    return kept


async def _check_nobody_elses(opened: Opened) -> None:
    rag = opened.rag
    if await rag.chunk_entity_relation_graph.get_popular_labels(1) or not await rag.full_docs.is_empty():
        raise GraphError(
            f"Workspace {rag.workspace!r} holds a graph that this project did not write, or wrote from another "
            "AEGIS_HOME with KV_STORAGE=files. Nothing was changed. Set AEGIS_WORKSPACE to a name that is not in use."
        )


async def write_batch(
    opened: Opened, archive: ServedArchive, encoder: Encoder, kept: Archived, change: BatchChange, lost: RowIds
) -> GraphChanges:
    """Carry out ``change`` of the graph that ``kept`` tells of; rows in ``lost`` are written anyway.

    Raises:
        GraphError: a server refuses a row; what it had stays.
    """
    before, after, unsure = kept.corpus, change.after, union(kept.pending, lost)
    if kept.pending:
        _log.warning(Event.GRAPH_WRITE_MENDED, rows=sum(map(len, kept.pending.values())))
    update = plan(before, after, lambda text: len(encoder.tokenizer.encode(text)), encoder.max_tokens, unsure)
    if opened.in_neo4j:
        update = with_typed(update, before, after)
    check_storable(update)
    await archive.begin(encoder.digest, update.touched)
    if update.touched:
        await _carry_out(opened, update)
    changes = changes_of(change.batch, datetime.now(UTC).isoformat(timespec="seconds"), before, after, update)
    await archive.commit(before, after, undo_of(before, change), changes)
    return changes


async def _carry_out(opened: Opened, update: Update) -> None:
    """Neo4j comes last: its transaction is tried again by itself, and when it is done, only a commit can fail."""
    rag = opened.rag
    graph = rag.chunk_entity_relation_graph
    async with opened.transaction():
        await write_rows(rag, update)
        await _keep_vectors(opened, update)
        if not opened.in_neo4j:
            await write_graph(graph, update)
        await rag._insert_done()
        opened.raise_failure()
        if opened.in_neo4j:
            await graph.write(update)


async def _keep_vectors(opened: Opened, update: Update) -> None:
    for name in _VECTORS:
        storage = getattr(opened.rag, name)
        if isinstance(storage, AegisPGVectorStorage):
            await storage.keep_vectors(same_text(update, name))
