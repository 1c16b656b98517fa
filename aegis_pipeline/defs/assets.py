"""Documents → mentions → entities → relations → graph, an asset each, one partition a batch of documents.

Each asset reads from the lake what the ones before it made, calls one phase, and writes what that gives.
"""

import time
from dataclasses import asdict
from pathlib import Path

import dagster as dg
from pydantic import Field

from aegis_pipeline import lake as tables
from aegis_pipeline.defs.metadata import counted, outcome_metadata, table_metadata
from aegis_pipeline.defs.partitions import document_batches
from aegis_pipeline.defs.resources import (
    EncoderResource,
    GraphResource,
    LakeResource,
    NerResource,
    ReadingResource,
    RelationResource,
)
from aegis_pipeline.documents import chunk_documents, read_folder
from aegis_pipeline.entities import link_mentions
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import expected_counts
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.batches import contribution_of, known_of
from aegis_pipeline.pipeline.extraction import extract_mentions, relation_inputs, token_limit
from aegis_pipeline.progress import Ticker, report


class FolderConfig(dg.Config):
    """Where a batch's documents are."""

    folder: str | None = Field(default=None, description="Folder of documents; default: where the batch was last read.")


def folder_of(lake: DocumentLake, batch: str, configured: str | None) -> Path:
    """The folder that a batch is to be read from.

    Raises:
        InputError: the batch was never read and no folder is configured.
    """
    folder = configured or lake.origin(batch).get("folder")
    if folder is None:
        raise InputError(
            f"Batch {batch!r} has no folder yet: set ops.raw_documents.config.folder in the launchpad, "
            "or run `aegis run FOLDER`."
        )
    return Path(folder)


@dg.asset(partitions_def=document_batches, group_name="knowledge_graph", kinds={"parquet"})
def raw_documents(
    context: dg.AssetExecutionContext,
    config: FolderConfig,
    lake: LakeResource,
    reading: ReadingResource,
    ner: NerResource,
    encoder: EncoderResource,
) -> dg.MaterializeResult[None]:
    """The text of every document in the batch's folder, its chunks, and a manifest of every file found."""
    started, batch, store = time.perf_counter(), context.partition_key, lake.lake()
    folder, configured = folder_of(store, batch, config.folder), reading.settings
    known, ticker = known_of(store, batch), Ticker("documents", "files")
    contents = read_folder(folder, configured, batch=batch, languages=ner.languages(), known=known, on_progress=ticker)
    model = encoder.encoder()
    chunks = chunk_documents(contents.documents, model.count_tokens, token_limit(configured, model))
    store.write(batch, tables.DOCUMENTS, contents.documents)
    store.write(batch, tables.MANIFEST, contents.manifest)
    store.write(batch, tables.CHUNKS, chunks)
    store.bind(batch, str(folder))
    seconds = time.perf_counter() - started
    report("documents", len(contents.documents), seconds)
    return dg.MaterializeResult(
        metadata={
            **table_metadata(store, batch, tables.DOCUMENTS, len(contents.documents), seconds),
            **counted("files", (row.status.value for row in contents.manifest)),
            "aegis/files": len(contents.manifest),
            "aegis/chunks": len(chunks),
            "aegis/words": sum(len(document.text.split()) for document in contents.documents),
        }
    )


@dg.asset(partitions_def=document_batches, group_name="knowledge_graph", deps=[raw_documents], kinds={"spacy"})
def ner_entities(context: dg.AssetExecutionContext, lake: LakeResource, ner: NerResource) -> dg.MaterializeResult[None]:
    """Phase 1: every mention of a name, date or number, and the parsed sentences."""
    started, batch, store = time.perf_counter(), context.partition_key, lake.lake()
    result = extract_mentions(ner.extractor(), store.read(batch, tables.CHUNKS))
    store.write(batch, tables.MENTIONS, result.mentions)
    store.write(batch, tables.SENTENCES, result.sentences)
    store.write(batch, tables.NER_OUTCOMES, result.outcomes)
    seconds = time.perf_counter() - started
    report("mentions", len(result.mentions), seconds)
    return dg.MaterializeResult(
        metadata={
            **table_metadata(store, batch, tables.MENTIONS, len(result.mentions), seconds),
            **counted("labels", (mention.label for mention in result.mentions)),
            **outcome_metadata(result.outcomes),
        }
    )


@dg.asset(partitions_def=document_batches, group_name="knowledge_graph", deps=[ner_entities], kinds={"python"})
def deduplicated_entities(
    context: dg.AssetExecutionContext, lake: LakeResource, ner: NerResource
) -> dg.MaterializeResult[None]:
    """Phase 2: one entity for each thing over the whole batch, with its aliases, and the log of what was merged."""
    started, batch, store = time.perf_counter(), context.partition_key, lake.lake()
    mentions = store.read(batch, tables.MENTIONS)
    result = link_mentions(mentions, ner.same_names())
    store.write(batch, tables.ENTITIES, result.entities)
    store.write(batch, tables.MERGES, result.merges)
    seconds = time.perf_counter() - started
    report("entities", len(result.entities), seconds)
    return dg.MaterializeResult(
        metadata={
            **table_metadata(store, batch, tables.ENTITIES, len(result.entities), seconds),
            **counted("types", (entity.type for entity in result.entities)),
            "aegis/mentions": len(mentions),
            "aegis/aliases_merged": sum(merge.accepted for merge in result.merges),
        }
    )


@dg.asset(
    partitions_def=document_batches,
    group_name="knowledge_graph",
    deps=[raw_documents, ner_entities, deduplicated_entities],
    kinds={"python"},
)
def relations(
    context: dg.AssetExecutionContext, lake: LakeResource, relation_model: RelationResource
) -> dg.MaterializeResult[None]:
    """Phase 3: who does what to whom, each relation with its predicate, confidence and evidence."""
    started, batch, store = time.perf_counter(), context.partition_key, lake.lake()
    inputs = relation_inputs(
        store.read(batch, tables.DOCUMENTS),
        store.read(batch, tables.CHUNKS),
        store.read(batch, tables.SENTENCES),
        store.read(batch, tables.MENTIONS),
        store.read(batch, tables.ENTITIES),
    )
    result = relation_model.extractor().extract(inputs)
    store.write(batch, tables.RELATIONS, result.relations)
    store.write(batch, tables.RELATION_OUTCOMES, result.outcomes)
    seconds = time.perf_counter() - started
    report("relations", len(result.relations), seconds)
    return dg.MaterializeResult(
        metadata={
            **table_metadata(store, batch, tables.RELATIONS, len(result.relations), seconds),
            **counted("predicates", (relation.predicate for relation in result.relations)),
            **outcome_metadata(result.outcomes),
        }
    )


@dg.asset(
    partitions_def=document_batches,
    group_name="knowledge_graph",
    deps=[raw_documents, deduplicated_entities, relations],
    kinds={"networkx"},
)
def knowledge_graph(
    context: dg.AssetExecutionContext, lake: LakeResource, graph: GraphResource, encoder: EncoderResource
) -> dg.MaterializeResult[None]:
    """The graph that LightRAG reads, holding exactly what the batch contributes; an unchanged batch writes nothing."""
    started = time.perf_counter()
    contribution = contribution_of(lake.lake(), context.partition_key)
    written = graph.store(encoder.encoder()).write(contribution)
    seconds, difference = time.perf_counter() - started, written.difference
    report("graph", len(contribution.names), seconds)
    return dg.MaterializeResult(
        metadata={
            "dagster/uri": written.location,
            "aegis/seconds": round(seconds, 3),
            **{f"aegis/{name}": count for name, count in asdict(expected_counts(contribution)).items()},
            "aegis/documents/added": len(difference.added),
            "aegis/documents/changed": len(difference.changed),
            "aegis/documents/removed": len(difference.removed),
            "aegis/documents/unchanged": len(difference.unchanged),
        }
    )
