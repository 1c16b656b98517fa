"""Bringing one batch up to date, phase by phase: only documents that a change affects go through a phase again.

Each function reads from the lake what the phase before it made, and leaves there, row for row, what a run over the
whole folder would give. Phase 2 is no function of one document: it is always made anew, of the batch's mentions, but
documents that read as before need not be linked within again in one process.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from aegis_pipeline import tables
from aegis_pipeline.entities import LinkMemory, entities_by_name, link_mentions
from aegis_pipeline.errors import AegisError, TerminalError
from aegis_pipeline.events import Event
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import event_log
from aegis_pipeline.mentions import MentionExtractor
from aegis_pipeline.models import Encoder
from aegis_pipeline.pipeline import kept
from aegis_pipeline.pipeline.extraction import extract_mentions, extract_relations, relation_inputs
from aegis_pipeline.pipeline.kept import PhaseUpdate, digest, fingerprints, unsettled
from aegis_pipeline.pipeline.name_cache import NameVectorCache
from aegis_pipeline.pipeline.user_names import UserNames
from aegis_pipeline.records import Chunk, Document, Entity, EntityResult, Mention, ModelUsage
from aegis_pipeline.relations import RelationExtractor
from aegis_pipeline.version import VERSION

_log = event_log(__name__)
Chunker = Callable[[Sequence[Document]], Sequence[Chunk]]


def update_chunks(
    lake: DocumentLake, batch: str, documents: Sequence[Document], chunker: Chunker, chunker_version: str
) -> PhaseUpdate:
    """Chunks of the documents whose text, language or ``chunker_version`` is another than before."""
    wanted = {d.id: digest(VERSION, chunker_version, d.language, d.text) for d in documents}
    update = PhaseUpdate.of(lake, batch, kept.CHUNKING, wanted)
    outdated = set(update.outdated)
    update.write([chunker([document for document in documents if document.id in outdated])])
    return update


def update_mentions(lake: DocumentLake, batch: str, extractor: MentionExtractor) -> PhaseUpdate:
    """Phase 1 for the documents whose chunks are new, and for those that it had to read in a lesser way.

    Raises:
        LakeError: the batch has no chunks.
    """
    version = extractor.version
    wanted = {d: digest(made, version) for d, made in fingerprints(lake, batch, kept.CHUNKING).items()}
    update = PhaseUpdate.of(lake, batch, kept.MENTIONS, wanted)
    found = extract_mentions(extractor, lake.read(batch, tables.CHUNKS, update.outdated))
    update.write([found.mentions, found.outcomes], unsettled(found.outcomes))
    return update


def update_entities(lake: DocumentLake, batch: str, encoder: Encoder, user: UserNames) -> EntityResult:
    """Phase 2 over the whole batch; only names that are new go through the encoder. Where it fails, each name is an
    entity of its own and the outcomes say so; the next run makes all of it anew.

    Raises:
        LakeError: phase 1 has not run for the batch.
        InputError: the user's overrides contradict themselves in this batch.
    """
    vectors = NameVectorCache(lake, batch, encoder)
    ids, paths = lake.column(batch, tables.DOCUMENTS, "id"), lake.column(batch, tables.DOCUMENTS, "path")
    places = dict(zip(ids, paths, strict=True))
    mentions = lake.read(batch, tables.MENTIONS)

    def link() -> EntityResult:
        memory = _link_memory(vectors.version)
        return link_mentions(mentions, vectors.encode, user.same_names, user.overrides, places, memory)

    result = linked_or_by_name(link, mentions, user.same_names)
    if result.unmatched:
        _log.warning(Event.OVERRIDES_UNMATCHED, batch=batch, names=result.unmatched)
    lake.write(batch, tables.ENTITIES, result.entities)
    lake.write(batch, tables.MERGES, result.merges)
    lake.write(batch, tables.ENTITY_OUTCOMES, result.outcomes)
    vectors.save()
    return result


def linked_or_by_name(
    link: Callable[[], EntityResult], mentions: Sequence[Mention], same_names: Mapping[str, str]
) -> EntityResult:
    """What ``link`` gives; where it fails, each name by itself.

    Raises:
        TerminalError: one was raised by ``link``: what the user has to mend, a run without linking would hide.
    """
    try:
        return link()
    except TerminalError:
        raise
    except Exception as error:  # noqa: BLE001 - the phase's boundary: whatever fails in it degrades in the open
        reason = str(error) if isinstance(error, AegisError) else type(error).__name__
        result = entities_by_name(mentions, same_names, reason)
        _log.warning(Event.DEDUP_FAILED, documents=len(result.outcomes), reason=reason)
        return result


@lru_cache(maxsize=1)
def _link_memory(_vectors: str) -> LinkMemory:
    """One for the process, as long as names are encoded in one way."""
    return LinkMemory()


def update_relations(lake: DocumentLake, batch: str, extractor: RelationExtractor) -> tuple[PhaseUpdate, ModelUsage]:
    """Phase 3 for the documents whose mentions are new, or belong to another entity or to one of another type, and for
    those of which an LLM lost a chunk; and what that took of the LLM.

    Raises:
        LakeError: a phase before this one has not run for the batch.
    """
    entities = lake.read(batch, tables.ENTITIES)
    linked, mentioned = _links(entities), fingerprints(lake, batch, kept.MENTIONS)
    version = f"{extractor.name} {extractor.version}"
    wanted = {
        document: digest(mentioned[document], linked[document], version) if document in mentioned else None
        for document in lake.column(batch, tables.DOCUMENTS, "id")
    }
    update = PhaseUpdate.of(lake, batch, kept.RELATIONS, wanted)
    read = (tables.DOCUMENTS, tables.CHUNKS, tables.MENTIONS)
    documents, chunks, mentions = (lake.read(batch, table, update.outdated) for table in read)
    found = extract_relations(extractor, relation_inputs(documents, chunks, mentions, entities))
    lost = {letter.document_id for letter in found.dead_letters}
    update.write([found.relations, found.outcomes, found.dead_letters], unsettled(found.outcomes) | lost)
    return update, found.usage


def _links(entities: Sequence[Entity]) -> dict[str, list[tuple[str, str, str]]]:
    """Document id → each of its mentions with the id and type of its entity, in an order that is always the same."""
    links: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for entity in entities:
        if entity.is_node:
            for mention in entity.mentions:
                links[mention.document_id].append((mention.id, entity.id, entity.type))
    return defaultdict(list, {document: sorted(found) for document, found in links.items()})
