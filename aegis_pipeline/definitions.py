"""What Dagster loads: ``defs``."""

import dagster as dg

from aegis_pipeline.defs import assets, checks
from aegis_pipeline.defs.jobs import process_batch
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.settings import settings

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([assets]),
    asset_checks=dg.load_asset_checks_from_modules([checks]),
    jobs=[process_batch],
    resources=resources(settings()),
    executor=dg.in_process_executor,
)
