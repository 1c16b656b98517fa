"""The legacy arm: LightRAG's own extraction of the same documents, into a graph of its own, and its gate."""

from collections.abc import Iterator

import dagster as dg

from aegis_pipeline import gates, tables
from aegis_pipeline.defs.assets import raw_documents
from aegis_pipeline.defs.checks import blocking, result_of
from aegis_pipeline.defs.logged import phase
from aegis_pipeline.defs.metadata import Step, error_metadata
from aegis_pipeline.defs.partitions import document_batches
from aegis_pipeline.defs.pools import LEGACY_GRAPH_WRITER
from aegis_pipeline.defs.resources import (
    ArmsResource,
    DocumentLakeResource,
    EncoderResource,
    GpuDeviceResource,
    LegacyResource,
)
from aegis_pipeline.pipeline.error_counts import errors_of_legacy
from aegis_pipeline.settings import ExtractionPipeline


@dg.asset(
    partitions_def=document_batches,
    group_name="legacy",
    deps=[raw_documents],
    kinds={"ollama"},
    pool=LEGACY_GRAPH_WRITER,
    output_required=False,
    op_tags={"dagster/priority": "-1"},
)
@phase("legacy")
def legacy_graph(
    context: dg.AssetExecutionContext,
    arms: ArmsResource,
    document_lake: DocumentLakeResource,
    legacy: LegacyResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> Iterator[dg.MaterializeResult[None]]:
    """The graph that LightRAG's own extraction by an LLM makes of the batch, apart from ours; for comparison."""
    step = Step("legacy", document_lake.lake(), context.partition_key)
    if not arms.include(ExtractionPipeline.LIGHTRAG_DEFAULT, step.batch, context.log):
        return
    pipeline = legacy.pipeline(encoder.encoder(gpu_device))
    update = pipeline.update(step.batch, step.lake.read(step.batch, tables.DOCUMENTS))
    report, found = update.documents, pipeline.documents(step.batch)
    written = set(report.written)
    new = [document for document in found if document.id in written]
    reasons = sorted(set(report.failed.values()))
    yield step.result(
        str(pipeline.folder),
        len(found),
        error_metadata(errors_of_legacy(len(report.failed))),
        {
            "aegis/documents/computed": len(report.written),
            "aegis/documents/kept": len(report.unchanged),
            "aegis/documents/removed": len(update.removed),
            "aegis/documents/failed": len(report.failed),
            "aegis/failures": dg.MetadataValue.md("\n".join(f"- {reason}" for reason in reasons) or "none"),
            "aegis/chunks": sum(document.chunks for document in found),
            "aegis/entities": len({name for document in found for name in document.entities}),
            "aegis/edges": len({pair for document in found for pair in document.relations}),
            "aegis/llm/calls": update.usage.calls,
            "aegis/llm/prompt_tokens": update.usage.prompt_tokens,
            "aegis/llm/answer_tokens": update.usage.answer_tokens,
            "aegis/new_entities/any": sum(len(document.entities) for document in new),
            "aegis/new_relations": sum(len(document.relations) for document in new),
        },
        computed=report.written,
    )


@blocking(legacy_graph)
def legacy_documents_extracted(
    context: dg.AssetCheckExecutionContext,
    document_lake: DocumentLakeResource,
    legacy: LegacyResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> dg.AssetCheckResult:
    """Read back from LightRAG's stores, it has extracted the batch's documents, and found something in them."""
    wanted = document_lake.lake().column(context.partition_key, tables.DOCUMENTS, "id")
    found = legacy.pipeline(encoder.encoder(gpu_device)).documents(context.partition_key)
    return result_of(gates.legacy_documents_extracted(wanted, {one.id: len(one.entities) for one in found}))
