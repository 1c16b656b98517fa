"""One partition for each batch, a folder of documents or a part of a large one; and one for each benchmark cell."""

import dagster as dg

from aegis_pipeline.benchmarks.matrix.axes import SCENARIO_NAMES, VARIANT_NAMES
from aegis_pipeline.inbox import batch_key

__all__ = ["BATCH_TAG", "PARTITION_TAG", "UNFINISHED", "batch_key", "benchmark_matrix", "document_batches"]

document_batches = dg.DynamicPartitionsDefinition(name="document_batches")

benchmark_matrix = dg.MultiPartitionsDefinition(
    {
        "variant": dg.StaticPartitionsDefinition(VARIANT_NAMES),
        "scenario": dg.StaticPartitionsDefinition(SCENARIO_NAMES),
    }
)

BATCH_TAG = "aegis/batch"
"""The tag of a run that names its batch, also where the run has no partition."""

PARTITION_TAG = "dagster/partition"
"""The tag that Dagster gives every run of a partition, whoever launched it."""

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
"""The statuses of a run that waits or is at work."""
