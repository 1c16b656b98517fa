"""Jobs over the whole graph: the audit, and the rebuild from documents."""

import dagster as dg
from pydantic import Field

from aegis_pipeline.defs.launch import extract_batch
from aegis_pipeline.defs.metadata import counted
from aegis_pipeline.defs.pools import GRAPH_WRITER
from aegis_pipeline.defs.resources import (
    DocumentLakeResource,
    EncoderResource,
    GpuDeviceResource,
    GraphStoreResource,
    RelationExtractorResource,
)
from aegis_pipeline.pipeline import audit, rebuild

_PASSED_ON = dg.Out(io_manager_key="in_memory")  # to the next op, in the same process


class AuditConfig(dg.Config):
    """What an audit does with what it finds."""

    repair: bool = Field(default=True, description="Repair it. false: only tell.")


@dg.op(pool=GRAPH_WRITER, out=_PASSED_ON)
def audited(
    context: dg.OpExecutionContext,
    config: AuditConfig,
    document_lake: DocumentLakeResource,
    relation_extractor: RelationExtractorResource,
    graph_store: GraphStoreResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> audit.AuditReport:
    """What of the graph is not as the lake has it, in numbers by kind, also beside the asset's other figures."""
    with graph_store.store(encoder.encoder(gpu_device)) as store:
        lake, schema = document_lake.lake(), relation_extractor.predicates()
        report = audit.audit_graph(lake, store, schema, repair=config.repair)
    metadata = {f"aegis/audit/{kind}": count for kind, count in report.counts.items()}
    metadata["aegis/audit/left"] = len(report.left)
    context.add_output_metadata(metadata)
    context.log_event(dg.AssetObservation(asset_key="knowledge_graph", metadata=metadata))
    return report


@dg.op(out=dg.Out(dg.Nothing))
def nothing_left(report: audit.AuditReport) -> None:
    """Red where a fault could not be repaired."""
    if report.left:
        raise dg.Failure(audit.advice(report.left), metadata=counted("left", (f.kind.value for f in report.left)))


@dg.job(executor_def=dg.in_process_executor)
def audit_graph() -> None:
    """The whole graph is held against the lake; what differs is repaired and told, and what stays wrong is red."""
    nothing_left(audited())


@dg.op(out=_PASSED_ON)
def batches_extracted(context: dg.OpExecutionContext, document_lake: DocumentLakeResource) -> list[str]:
    """Every batch goes through the phases and their gates with nothing kept, in a run of its own; those with relations.

    A batch that is for the legacy arm alone has none.
    """
    extracted, stopped = [], []
    for batch in rebuild.forget_batches(document_lake.lake()):
        context.log.info(f"Extracting {batch} anew.")
        summary = extract_batch(batch, context.instance)
        if not summary.success:
            stopped.append(batch)
        elif "relations" in summary.assets:
            extracted.append(batch)
    if stopped:
        raise dg.Failure(rebuild.advice(stopped), allow_retries=False)
    return extracted


@dg.op(pool=GRAPH_WRITER, out=_PASSED_ON)
def graph_written_anew(
    context: dg.OpExecutionContext,
    batches: list[str],
    document_lake: DocumentLakeResource,
    relation_extractor: RelationExtractorResource,
    graph_store: GraphStoreResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> int:
    """One write of the whole graph, and how many batches it has; until it is whole, readers see the old one."""
    with graph_store.store(encoder.encoder(gpu_device)) as store:
        report = rebuild.rebuild_graph(document_lake.lake(), store, relation_extractor.predicates(), batches)
    context.add_output_metadata({"dagster/uri": report.location, "aegis/batches": len(batches)})
    return len(batches)


@dg.job(executor_def=dg.in_process_executor)
def rebuild_from_documents() -> None:
    """Everything is made anew from the documents of every batch. Launched again, a rebuild that was killed goes on."""
    graph_written_anew(batches_extracted())
