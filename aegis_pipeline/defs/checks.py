"""The gates, as checks of each partition: what a blocking one stops does not reach the graph, and the run is red."""

import warnings
from collections.abc import Callable, Iterable

import dagster as dg

from aegis_pipeline import gates, tables
from aegis_pipeline.benchmarks.gold import known_identity
from aegis_pipeline.defs import logged
from aegis_pipeline.defs.assets import deduplicated_entities, knowledge_graph, ner_entities, raw_documents, relations
from aegis_pipeline.defs.history import vram_peaks_of
from aegis_pipeline.defs.pools import GPU, GRAPH_WRITER
from aegis_pipeline.defs.resources import (
    DocumentLakeResource,
    EncoderResource,
    GateResource,
    GpuDeviceResource,
    GraphStoreResource,
    RelationExtractorResource,
)
from aegis_pipeline.pipeline.batches import chunk_spans_of, contribution_of, nodes_of, note_accepted
from aegis_pipeline.pipeline.gate_inputs import earlier_profiles, mention_counts_of, profile_of
from aegis_pipeline.pipeline.graph_check import check_graph
from aegis_pipeline.records import Outcome, PhaseOutcome

Check = Callable[..., dg.AssetCheckResult]
Decorator = Callable[[Check], dg.AssetChecksDefinition]


def blocking(asset: dg.AssetsDefinition, *, pool: str | None = None) -> Decorator:
    """A gate that stops what comes after ``asset``, named as the function is; one that may write, or computes with a
    model, is in a ``pool``."""
    return _gate(asset, stops=True, pool=pool)


def warning(asset: dg.AssetsDefinition) -> Decorator:
    """A gate that is yellow at the most, and stops nothing."""
    return _gate(asset, stops=False, pool=None)


def _gate(asset: dg.AssetsDefinition, *, stops: bool, pool: str | None) -> Decorator:
    """A check of each partition of ``asset``, where it has any.

    Without its partitions, the last evaluation of a check would stand for every batch. Dagster calls that a preview,
    and warns; a test holds the pinned version to it.
    """

    def decorate(check: Check) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(asset=asset, blocking=stops, partitions_def=asset.partitions_def, pool=pool)(
                logged.gate(check)
            )

    return decorate


@blocking(raw_documents)
def documents_parse_rate(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """Enough of the batch's documents could be read."""
    manifest = document_lake.lake().read(context.partition_key, tables.MANIFEST)
    return result_of(gates.documents_parse_rate(manifest, gate.parse_rate_min, gate.parse_rate_warn))


@blocking(ner_entities)
def mention_rate(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """Phase 1 found neither next to nothing nor next to everything."""
    counts = mention_counts_of(document_lake.lake(), context.partition_key)
    return result_of(gates.mention_rate(counts, gate.mention_limits()))


@blocking(deduplicated_entities)
def dedup_ratio_bounds(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """Phase 2 joined neither everything nor nothing."""
    entities = document_lake.lake().read(context.partition_key, tables.ENTITIES)
    return result_of(gates.dedup_ratio_bounds(gates.EntityNames.of(entities), gate.dedup_limits()))


@blocking(deduplicated_entities, pool=GPU)
def dedup_precision_on_gold(
    _context: dg.AssetCheckExecutionContext,
    document_lake: DocumentLakeResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
    gate: GateResource,
) -> dg.AssetCheckResult:
    """Phase 2 as it is, on the bundled gold: of what it joins, enough is one thing. Known from then on."""
    found = known_identity(document_lake.lake(), encoder.encoder(gpu_device))
    return result_of(gates.dedup_precision_on_gold(found, gate.dedup_precision_min))


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
    letters = store.read(batch, tables.DEAD_LETTERS)
    unread = documents_with(Outcome.UNAVAILABLE, store.read(batch, tables.RELATION_OUTCOMES))
    verdict = gates.degraded_fraction(
        dict(zip(ids, documents, strict=True)),
        documents_with(Outcome.DEGRADED, store.read(batch, tables.NER_OUTCOMES)),
        letters,
        gate.max_degraded_fraction,
        allow_fallback=gate.allow_relation_fallback,
        unread_documents=unread - {letter.document_id for letter in letters},
        unlinked_documents=documents_with(Outcome.DEGRADED, store.read(batch, tables.ENTITY_OUTCOMES)),
    )
    return result_of(verdict)


def documents_with(outcome: Outcome, outcomes: Iterable[PhaseOutcome]) -> set[str]:
    """The documents for which a phase ended so."""
    return {each.document_id for each in outcomes if each.outcome is outcome}


@warning(relations)
def confidence_drift(
    context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """Relations are about as sure, and entities of the same types, as in the last batches; else it warns."""
    batch, store = context.partition_key, document_lake.lake()
    earlier = earlier_profiles(store, batch, gate.drift_batches)
    return result_of(gates.confidence_drift(profile_of(store, batch), earlier, gate.max_drift, gate.drift_relations))


@blocking(knowledge_graph, pool=GRAPH_WRITER)
def graph_counts_match(
    context: dg.AssetCheckExecutionContext,
    document_lake: DocumentLakeResource,
    relation_extractor: RelationExtractorResource,
    graph_store: GraphStoreResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> dg.AssetCheckResult:
    """Read back from the store, the graph holds what the batch contributes; else its previous share is put back."""
    lake, batch = document_lake.lake(), context.partition_key
    contribution = contribution_of(lake, batch, relation_extractor.predicates())
    with graph_store.store(encoder.encoder(gpu_device)) as store:
        verdict = check_graph(store, contribution)
    if verdict.passed:
        note_accepted(lake, batch)
    return result_of(verdict)


@warning(knowledge_graph)
def vram_budget(context: dg.AssetCheckExecutionContext, gate: GateResource) -> dg.AssetCheckResult:
    """No phase of the batch held more of a GPU than it may; else it warns."""
    peaks = vram_peaks_of(context.partition_key, context.instance)
    return result_of(gates.vram_budget(peaks, gate.vram_budget_gb))


def result_of(verdict: gates.Verdict) -> dg.AssetCheckResult:
    """A verdict in Dagster's words: a gate that only warns is yellow, and stops nothing."""
    warned = verdict.passed and verdict.warning
    return dg.AssetCheckResult(
        passed=verdict.passed and not verdict.warning,
        severity=dg.AssetCheckSeverity.WARN if warned else dg.AssetCheckSeverity.ERROR,
        description=verdict.description,
        metadata=verdict.evidence,
    )
