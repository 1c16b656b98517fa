"""What Dagster loads: ``defs``."""

import gc
import warnings

import dagster as dg

from aegis_pipeline.defs import assets, benchmarks, checks, legacy, quality
from aegis_pipeline.defs.alerts import run_failure_alert
from aegis_pipeline.defs.jobs import (
    extract_batch,
    process_batch,
    report_benchmark,
    retry_dead_letters,
    run_benchmark,
)
from aegis_pipeline.defs.maintenance import audit_graph, rebuild_from_documents
from aegis_pipeline.defs.removal import remove_batch
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.defs.retention import nightly_purge, purge_runs
from aegis_pipeline.defs.schedules import nightly_audit, retry_dead_letters_schedule
from aegis_pipeline.defs.sensors import new_document_batches
from aegis_pipeline.logs import configure_logs
from aegis_pipeline.settings import settings

configure_logs(settings())  # of the processes that Dagster starts: a run, a code server, a sensor

# Phases make hundreds of thousands of records that stay: with Python's thresholds, going through them again and again
# took a quarter of the time of an update of one document in 480. Only what refers to itself waits for a collection.
gc.set_threshold(2_000_000, 20, 1_000)

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([assets, legacy, quality, benchmarks]),
    asset_checks=dg.load_asset_checks_from_modules([checks, legacy, quality]),
    jobs=[
        process_batch,
        extract_batch,
        purge_runs,
        remove_batch,
        retry_dead_letters,
        audit_graph,
        rebuild_from_documents,
        run_benchmark,
        report_benchmark,
    ],
    schedules=[nightly_audit, nightly_purge, retry_dead_letters_schedule],
    sensors=[new_document_batches, run_failure_alert],
    resources={**resources(settings()), "in_memory": dg.mem_io_manager},
    executor=dg.in_process_executor,
)

# Dagster copies a sensor whose job takes resources, and warns of a parameter of its own that nobody has set. Once
# resolved, the definitions stay so.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.BetaWarning)
    defs.get_repository_def()
