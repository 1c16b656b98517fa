"""The job that takes one batch out of the graphs and the lake, and then its partition."""

from collections.abc import Iterable
from dataclasses import asdict

import dagster as dg

from aegis_pipeline.defs.partitions import PARTITION_TAG, UNFINISHED, document_batches
from aegis_pipeline.defs.pools import GRAPH_WRITER
from aegis_pipeline.defs.resources import (
    DocumentLakeResource,
    EncoderResource,
    GpuDeviceResource,
    GraphStoreResource,
    LegacyResource,
)
from aegis_pipeline.defs.retries import RETRIES, no_retry_of_terminal_errors
from aegis_pipeline.inbox import folder_key
from aegis_pipeline.pipeline.removal import remove_batch as take_out
from aegis_pipeline.pipeline.stores import has_legacy_graph

_PARTITIONS = str(document_batches.name)


@dg.op(pool=GRAPH_WRITER, retry_policy=RETRIES, out=dg.Out(dg.Nothing))
def contribution_removed(
    context: dg.OpExecutionContext,
    document_lake: DocumentLakeResource,
    graph_store: GraphStoreResource,
    legacy: LegacyResource,
    encoder: EncoderResource,
    gpu_device: GpuDeviceResource,
) -> None:
    """What the batch contributed leaves the graph, the legacy graph, the lake; and its partition goes.

    The partition stays when another run of the batch waits: its folder is back.
    """
    batch, lake, model = context.partition_key, document_lake.lake(), encoder.encoder(gpu_device)
    others = {*context.instance.get_dynamic_partitions(_PARTITIONS), *lake.batches()} - {batch}
    is_wanted = _is_wanted(context.instance, batch, context.run_id)
    is_last = not is_wanted and not _same_folder(batch, others)
    legacy_arm = legacy.pipeline(model) if has_legacy_graph(legacy.settings) else None
    with no_retry_of_terminal_errors(), graph_store.store(model) as store:
        removal = take_out(batch, lake, store, legacy_arm, is_last=is_last)
    if not is_wanted:
        context.instance.delete_dynamic_partition(_PARTITIONS, batch)
    context.add_output_metadata({f"aegis/removed/{name}": count for name, count in asdict(removal).items()})


@dg.job(partitions_def=document_batches, executor_def=dg.in_process_executor)
def remove_batch() -> None:
    """Everything that one batch contributed is removed; batches of other folders stay as they are."""
    contribution_removed()


def _is_wanted(instance: dg.DagsterInstance, batch: str, own_run: str) -> bool:
    unfinished = dg.RunsFilter(tags={PARTITION_TAG: batch}, statuses=UNFINISHED)
    return any(run.run_id != own_run for run in instance.get_runs(unfinished))


def _same_folder(batch: str, others: Iterable[str]) -> bool:
    folder, _ = folder_key(batch)
    return any(folder_key(other)[0] == folder for other in others)
