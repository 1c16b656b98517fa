"""A batch between the lake and the phases: what was read before, and what it contributes to the graph."""

from collections import Counter
from functools import lru_cache

from aegis_pipeline import tables
from aegis_pipeline.documents import KnownDocument, known_documents
from aegis_pipeline.graph import BatchContribution, contribute
from aegis_pipeline.lake import DocumentLake, Stamp
from aegis_pipeline.records import FolderContents, Span
from aegis_pipeline.relations import RelationSchema

_ACCEPTED = "accepted"  # beside the tables of a batch: a digest of those that its share of the graph was made of
_CONTRIBUTING = (tables.DOCUMENTS, tables.CHUNKS, tables.ENTITIES, tables.RELATIONS)


def known_of(lake: DocumentLake, batch: str, reading: str) -> dict[str, KnownDocument]:
    """What was read of the batch before in the same way, so that files with the same bytes need not be read again."""
    if lake.origin(batch).get("reading") != reading:
        return {}
    return known_documents(FolderContents(lake.read(batch, tables.DOCUMENTS), lake.read(batch, tables.MANIFEST)))


def contribution_of(lake: DocumentLake, batch: str, schema: RelationSchema) -> BatchContribution:
    """The batch's contribution, from the tables that the phases have written.

    Raises:
        LakeError: a phase has not run for this batch.
        InputError: its relations were read by another schema, which has other predicates.
    """
    return _contribution(str(lake.root), batch, lake.stamp(batch, _CONTRIBUTING), schema)


@lru_cache(maxsize=1)
def _contribution(root: str, batch: str, _stamp: Stamp, schema: RelationSchema) -> BatchContribution:
    """The gate behind the graph asks for what the graph was just given: once made, it is kept while the tables are the
    same."""
    documents, chunks, entities, relations = (DocumentLake(root).read(batch, table) for table in _CONTRIBUTING)
    return contribute(batch, documents, chunks, entities, relations, schema)


def batches_with_dead_letters(lake: DocumentLake) -> list[str]:
    """Every batch of which an LLM lost a chunk, in order of name."""
    return [batch for batch in lake.batches() if dead_letters_of(lake, batch)]


def note_accepted(lake: DocumentLake, batch: str) -> None:
    """Remember that the graph holds what the batch contributes now: it has passed every gate."""
    lake.note(batch, _ACCEPTED, lake.digest(batch, _CONTRIBUTING))


def is_accepted(lake: DocumentLake, batch: str) -> bool:
    """Whether the tables of the batch are those of which the graph took its share.

    They are not while a run has not come to its end, or when a gate has stopped it: the graph has what it had before.
    """
    if not all(lake.has(batch, table) for table in _CONTRIBUTING):
        return False
    return bool(lake.noted(batch, _ACCEPTED) == lake.digest(batch, _CONTRIBUTING))


def nodes_of(lake: DocumentLake, batch: str) -> set[str]:
    """The ids of the batch's entities that are nodes of the graph.

    Raises:
        LakeError: phase 2 has not run for this batch.
    """
    ids, are_nodes = (lake.column(batch, tables.ENTITIES, name) for name in ("id", "is_node"))
    return {entity_id for entity_id, is_node in zip(ids, are_nodes, strict=True) if is_node}


def chunk_spans_of(lake: DocumentLake, batch: str) -> dict[str, Span]:
    """Chunk id → its span in its document.

    Raises:
        LakeError: the batch has no chunks.
    """
    ids, spans = (lake.column(batch, tables.CHUNKS, name) for name in ("id", "span"))
    return {chunk_id: Span(**span) for chunk_id, span in zip(ids, spans, strict=True)}


def characters_of(lake: DocumentLake, batch: str) -> dict[str, int]:
    """Document id → the length of its text, of every file that was found.

    Raises:
        LakeError: the batch was never read.
    """
    ids, characters = (lake.column(batch, tables.MANIFEST, name) for name in ("document_id", "characters"))
    return dict(zip(ids, characters, strict=True))


def dead_letters_of(lake: DocumentLake, batch: str) -> Counter[str]:
    """Reason → how many chunks of the batch the LLM lost for it; empty for a batch that phase 3 has not seen yet."""
    if not lake.has(batch, tables.DEAD_LETTERS):
        return Counter()
    return Counter(lake.column(batch, tables.DEAD_LETTERS, "reason"))
