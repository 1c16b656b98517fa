"""Documents → mentions → entities → relations → graph, an asset each, one partition a batch of documents.

Each asset brings one phase of the batch up to date: it reads from the lake what the ones before it made, and writes
what is new.
"""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import dagster as dg
from pydantic import Field

from aegis_pipeline import tables
from aegis_pipeline.defs.logged import phase
from aegis_pipeline.defs.metadata import (
    Step,
    counted,
    error_metadata,
    kept_metadata,
    llm_metadata,
    new_metadata,
    outcome_metadata,
    rejected_metadata,
)
from aegis_pipeline.defs.partitions import document_batches
from aegis_pipeline.defs.pools import GPU, GRAPH_WRITER
from aegis_pipeline.defs.resources import (
    ArmsResource,
    DeduplicatorResource,
    DocumentLakeResource,
    EncoderResource,
    GpuDeviceResource,
    GraphStoreResource,
    NerModelResource,
    ReadingResource,
    RelationExtractorResource,
)
from aegis_pipeline.defs.retries import RETRIES, no_retry_of_terminal_errors
from aegis_pipeline.documents import chunk_documents, original_path, read_folder
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import expected_counts
from aegis_pipeline.inbox import own_files
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.batches import contribution_of, known_of
from aegis_pipeline.pipeline.error_counts import errors_of_files
from aegis_pipeline.pipeline.extraction import token_limit
from aegis_pipeline.pipeline.kept import digest
from aegis_pipeline.pipeline.updates import update_chunks, update_entities, update_mentions, update_relations
from aegis_pipeline.progress import Ticker
from aegis_pipeline.settings import ExtractionPipeline


class FolderConfig(dg.Config):
    """Where a batch's documents are."""

    folder: str | None = Field(
        default=None,
        description="Folder of documents; default: where the batch was last read. Bytes of its name that are no UTF-8 "
        "are written as %XX.",
    )


def folder_of(lake: DocumentLake, batch: str, configured: str | None) -> Path:
    """The folder that a batch is to be read from.

    Raises:
        InputError: the batch was never read and no folder is configured.
    """
    folder = original_path(configured) if configured else lake.origin(batch).get("folder")
    if folder is None:
        raise InputError(
            f"Batch {batch!r} has no folder yet: set ops.raw_documents.config.folder in the launchpad, "
            "or run `aegis run FOLDER`."
        )
    return Path(folder)


@dg.asset(partitions_def=document_batches, group_name="knowledge_graph", kinds={"parquet"})
@phase("documents")
def raw_documents(
    context: dg.AssetExecutionContext,
    config: FolderConfig,
    document_lake: DocumentLakeResource,
    reading: ReadingResource,
    ner_model: NerModelResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> dg.MaterializeResult[None]:
    """The text of every document of the batch, its chunks, and a manifest of every file that was found.

    These are all files of the batch's folder, or the batch's share of them where a large folder is several batches.
    """
    step = Step("documents", document_lake.lake(), context.partition_key)
    store, batch, configured, languages = step.lake, step.batch, reading.settings, ner_model.languages()
    folder, way = folder_of(store, batch, config.folder), reading.version(languages)
    known, ticker = known_of(store, batch, way), Ticker("documents", "files")
    contents = read_folder(
        folder,
        configured,
        batch=batch,
        languages=languages,
        known=known,
        only=own_files(store, batch),
        on_progress=ticker,
    )
    store.bind(batch, str(folder))
    store.write(batch, tables.DOCUMENTS, contents.documents)
    store.write(batch, tables.MANIFEST, contents.manifest)
    model = encoder.encoder(gpu_device)
    limit = token_limit(configured, model)
    chunker = partial(chunk_documents, count_tokens=model.count_tokens, max_tokens=limit)
    update = update_chunks(store, batch, contents.documents, chunker, digest(model.digest, limit))
    store.bind(batch, str(folder), way)
    return step.table(
        tables.DOCUMENTS,
        len(contents.documents),
        counted("files", (row.status.value for row in contents.manifest)),
        error_metadata(errors_of_files(contents.manifest)),
        kept_metadata(update),
        {
            "aegis/files": len(contents.manifest),
            "aegis/chunks": len(store.column(batch, tables.CHUNKS, "id")),
            "aegis/words": sum(len(document.text.split()) for document in contents.documents),
        },
        computed=update.outdated,
    )


@dg.asset(
    partitions_def=document_batches,
    group_name="knowledge_graph",
    deps=[raw_documents],
    kinds={"spacy"},
    pool=GPU,
    output_required=False,
)
@phase("mentions")
def ner_entities(
    context: dg.AssetExecutionContext,
    arms: ArmsResource,
    document_lake: DocumentLakeResource,
    ner_model: NerModelResource,
    gpu_device: GpuDeviceResource,
) -> Iterator[dg.MaterializeResult[None]]:
    """Phase 1: every mention of a name, date or number.

    A batch that is for the legacy arm alone ends here: what depends on this is skipped.
    """
    step = Step("mentions", document_lake.lake(), context.partition_key)
    if not arms.include(ExtractionPipeline.THREE_PHASE, step.batch, context.log):
        return
    update = update_mentions(step.lake, step.batch, ner_model.extractor(gpu_device))
    labels = step.lake.column(step.batch, tables.MENTIONS, "label")
    outcomes = step.lake.read(step.batch, tables.NER_OUTCOMES)
    yield step.table(
        tables.MENTIONS,
        len(labels),
        counted("labels", labels),
        counted("sources", step.lake.column(step.batch, tables.MENTIONS, "source")),
        outcome_metadata(outcomes),
        kept_metadata(update),
        computed=update.outdated,
    )


@dg.asset(
    partitions_def=document_batches, group_name="knowledge_graph", deps=[ner_entities], kinds={"python"}, pool=GPU
)
@phase("entities")
def deduplicated_entities(
    context: dg.AssetExecutionContext,
    document_lake: DocumentLakeResource,
    ner_model: NerModelResource,
    encoder: EncoderResource,
    deduplicator: DeduplicatorResource,
    gpu_device: GpuDeviceResource,
) -> dg.MaterializeResult[None]:
    """Phase 2: one entity for each thing over the whole batch, with its aliases, and the log of what was merged."""
    step = Step("entities", document_lake.lake(), context.partition_key)
    result = update_entities(step.lake, step.batch, encoder.encoder(gpu_device), deduplicator.names(ner_model.glossary))
    merged = [merge.reason for merge in result.merges if merge.accepted]
    return step.table(
        tables.ENTITIES,
        len(result.entities),
        counted("types", (entity.type for entity in result.entities)),
        counted("merges", merged),
        outcome_metadata(result.outcomes),
        {
            "aegis/mentions": (mentions := sum(len(entity.mentions) for entity in result.entities)),
            "aegis/dedup_reduction": 1 - len(result.entities) / mentions if mentions else 0.0,
            "aegis/aliases_merged": len(merged),
            "aegis/merges_refused": len(result.merges) - len(merged),
            "aegis/overrides_unmatched": len(result.unmatched),
            "aegis/unmatched_names": ", ".join(result.unmatched) or "none",
        },
        computed=step.lake.column(step.batch, tables.DOCUMENTS, "id"),
    )


@dg.asset(
    partitions_def=document_batches,
    group_name="knowledge_graph",
    deps=[raw_documents, ner_entities, deduplicated_entities],
    kinds={"python"},
    pool=GPU,
    retry_policy=RETRIES,
)
@phase("relations")
def relations(
    context: dg.AssetExecutionContext,
    document_lake: DocumentLakeResource,
    relation_extractor: RelationExtractorResource,
    gpu_device: GpuDeviceResource,
) -> dg.MaterializeResult[None]:
    """Phase 3: who does what to whom, each relation with its predicate, confidence and evidence.

    A retry pays for no answer twice: those of an LLM are kept as they come.
    """
    step = Step("relations", document_lake.lake(), context.partition_key)
    with no_retry_of_terminal_errors():
        update, usage = update_relations(step.lake, step.batch, relation_extractor.extractor(gpu_device))
    predicates = step.lake.column(step.batch, tables.RELATIONS, "predicate")
    outcomes = step.lake.read(step.batch, tables.RELATION_OUTCOMES)
    letters = step.lake.read(step.batch, tables.DEAD_LETTERS)
    return step.table(
        tables.RELATIONS,
        len(predicates),
        counted("predicates", predicates),
        outcome_metadata(outcomes, letters),
        rejected_metadata(outcomes),
        llm_metadata(usage, letters),
        kept_metadata(update),
        new_metadata(step.lake, step.batch, update.outdated),
        computed=update.outdated,
    )


@dg.asset(
    partitions_def=document_batches,
    group_name="knowledge_graph",
    deps=[raw_documents, deduplicated_entities, relations],
    kinds={"networkx"},
    pool=GRAPH_WRITER,
)
@phase("graph")
def knowledge_graph(
    context: dg.AssetExecutionContext,
    document_lake: DocumentLakeResource,
    relation_extractor: RelationExtractorResource,
    graph_store: GraphStoreResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> dg.MaterializeResult[None]:
    """The graph that LightRAG reads, holding exactly what the batch contributes; an unchanged batch writes nothing."""
    step = Step("graph", document_lake.lake(), context.partition_key)
    contribution = contribution_of(step.lake, step.batch, relation_extractor.predicates())
    with graph_store.store(encoder.encoder(gpu_device)) as store:
        written = store.write(contribution)
    difference = written.difference
    return step.result(
        written.location,
        len(contribution.names),
        {f"aegis/{name}": count for name, count in asdict(expected_counts(contribution)).items()},
        {
            "aegis/documents/added": len(difference.added),
            "aegis/documents/changed": len(difference.changed),
            "aegis/documents/removed": len(difference.removed),
            "aegis/documents/unchanged": len(difference.unchanged),
        },
        computed=difference.added | difference.changed,
    )
