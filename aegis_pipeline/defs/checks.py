"""The gates, as blocking checks of each partition: what a gate stops does not reach the graph, and the run is red."""

import warnings
from collections.abc import Callable

import dagster as dg

from aegis_pipeline import gates, tables
from aegis_pipeline.defs.assets import knowledge_graph, raw_documents, relations
from aegis_pipeline.defs.partitions import document_batches
from aegis_pipeline.defs.resources import (
    DocumentLakeResource,
    EncoderResource,
    GateResource,
    GpuDeviceResource,
    GraphStoreResource,
    RelationExtractorResource,
)
from aegis_pipeline.pipeline.batches import chunk_spans_of, contribution_of, nodes_of
from aegis_pipeline.pipeline.graph_check import check_graph
from aegis_pipeline.records import Outcome

Check = Callable[..., dg.AssetCheckResult]


def blocking(asset: dg.AssetsDefinition) -> Callable[[Check], dg.AssetChecksDefinition]:
    """A blocking check of each partition of ``asset``, named as the function is.

    Without its partitions, the last evaluation of a check would stand for every batch. Dagster calls that a preview,
    and warns; a test holds the pinned version to it.
    """

    def decorate(check: Check) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(asset=asset, blocking=True, partitions_def=document_batches)(check)

    return decorate


@blocking(raw_documents)
def documents_parse_rate(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """Enough of the batch's documents could be read."""
    manifest = document_lake.lake().read(context.partition_key, tables.MANIFEST)
    return result_of(gates.documents_parse_rate(manifest, gate.parse_rate_min, gate.parse_rate_warn))


@blocking(relations)
def relation_endpoints_exist(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource
) -> dg.AssetCheckResult:
    """Every relation joins two entities of the batch, and its evidence is in the text."""
    batch, store = context.partition_key, document_lake.lake()
    found = store.read(batch, tables.RELATIONS)
    return result_of(gates.relation_endpoints_exist(found, nodes_of(store, batch), chunk_spans_of(store, batch)))


@blocking(relations)
def degraded_fraction(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """Enough of the batch was read as it was asked for: by models, and by the LLM where one is set."""
    batch, store = context.partition_key, document_lake.lake()
    ids, documents = (store.column(batch, tables.CHUNKS, name) for name in ("id", "document_id"))
    mentions = store.read(batch, tables.NER_OUTCOMES)
    verdict = gates.degraded_fraction(
        dict(zip(ids, documents, strict=True)),
        {each.document_id for each in mentions if each.outcome is Outcome.DEGRADED},
        store.read(batch, tables.DEAD_LETTERS),
        gate.max_degraded_fraction,
        allow_fallback=gate.allow_relation_fallback,
    )
    return result_of(verdict)


@blocking(knowledge_graph)
def graph_counts_match(
    context: dg.AssetCheckExecutionContext,
    document_lake: DocumentLakeResource,
    relation_extractor: RelationExtractorResource,
    graph_store: GraphStoreResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> dg.AssetCheckResult:
    """Read back from the store, the graph holds what the batch contributes; else its previous share is put back."""
    contribution = contribution_of(document_lake.lake(), context.partition_key, relation_extractor.predicates())
    with graph_store.store(encoder.encoder(gpu_device)) as store:
        return result_of(check_graph(store, contribution))


def result_of(verdict: gates.Verdict) -> dg.AssetCheckResult:
    """A verdict in Dagster's words: a gate that only warns is yellow, and stops nothing."""
    warned = verdict.passed and verdict.warning
    return dg.AssetCheckResult(
        passed=verdict.passed and not verdict.warning,
        severity=dg.AssetCheckSeverity.WARN if warned else dg.AssetCheckSeverity.ERROR,
        description=verdict.description,
        metadata=verdict.evidence,
    )
