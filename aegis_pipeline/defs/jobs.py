"""The whole chain for one batch, in one run, so that a blocking gate stops what comes after it; and a part of it."""

import dagster as dg

process_batch = dg.define_asset_job(
    "process_batch",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("quality", "benchmark"),
    executor_def=dg.in_process_executor,
    description="The documents of one batch become a part of the knowledge graph, through every gate.",
)

extract_batch = dg.define_asset_job(
    "extract_batch",
    selection=dg.AssetSelection.assets("raw_documents", "ner_entities", "deduplicated_entities", "relations"),
    executor_def=dg.in_process_executor,
    description="The phases of one batch before the graph, through their gates; the rebuild runs it for every batch.",
)

retry_dead_letters = dg.define_asset_job(
    "retry_dead_letters",
    selection=dg.AssetSelection.assets("relations", "knowledge_graph")
    # What the gates before these have stopped is not to be written here either.
    | dg.AssetSelection.checks_for_assets("raw_documents", "ner_entities", "deduplicated_entities"),
    executor_def=dg.in_process_executor,
    description="The LLM is asked again for the chunks of one batch that it lost, and the graph is brought up to date.",
)

run_benchmark = dg.define_asset_job(
    "run_benchmark",
    selection=dg.AssetSelection.assets("benchmark_predictions", "benchmark_scores"),
    executor_def=dg.in_process_executor,
    description="One pipeline variant is measured on one scenario, in processes of its own.",
)

report_benchmark = dg.define_asset_job(
    "report_benchmark",
    selection=dg.AssetSelection.assets("benchmark_comparison", "benchmark_report"),
    executor_def=dg.in_process_executor,
    description="All cells that have been measured, side by side, and the report of them.",
)
