"""The whole chain for one batch, in one run: a blocking gate then stops what comes after it."""

import dagster as dg

process_batch = dg.define_asset_job(
    "process_batch",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="The documents of one batch become a part of the knowledge graph, through every gate.",
)
