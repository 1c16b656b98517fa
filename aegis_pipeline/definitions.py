"""What Dagster loads: ``defs``."""

import gc

import dagster as dg

from aegis_pipeline.defs import assets, checks, legacy
from aegis_pipeline.defs.jobs import process_batch, retry_dead_letters
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.settings import settings

# Phases make hundreds of thousands of records that stay: with Python's thresholds, going through them again and again
# took a quarter of the time of an update of one document in 480. Only what refers to itself waits for a collection.
gc.set_threshold(2_000_000, 20, 1_000)

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([assets, legacy]),
    asset_checks=dg.load_asset_checks_from_modules([checks, legacy]),
    jobs=[process_batch, retry_dead_letters],
    resources=resources(settings()),
    executor=dg.in_process_executor,
)
