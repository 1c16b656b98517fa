"""The job on a folder, in process, with the settings of this moment."""

from pathlib import Path

import dagster as dg

from aegis_pipeline.defs import assets, checks, legacy
from aegis_pipeline.defs.partitions import batch_key, document_batches
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.settings import settings

ASSETS = [
    assets.raw_documents,
    assets.ner_entities,
    assets.deduplicated_entities,
    assets.relations,
    assets.knowledge_graph,
    legacy.legacy_graph,
]
GATES = [
    checks.documents_parse_rate,
    checks.mention_rate,
    checks.dedup_ratio_bounds,
    checks.dedup_precision_on_gold,
    checks.relation_endpoints_exist,
    checks.degraded_fraction,
    checks.confidence_drift,
    checks.graph_counts_match,
    checks.vram_budget,
    legacy.legacy_documents_extracted,
]


def run(
    folder: Path,
    instance: dg.DagsterInstance,
    configured: dict[str, dict[str, object]] | None = None,
    batch: str | None = None,
) -> dg.ExecuteInProcessResult:
    """``configured`` maps resources to fields, as the launchpad does; ``batch`` is the folder's where none is given."""
    batch = batch or batch_key(folder)
    instance.add_dynamic_partitions(str(document_batches.name), [batch])
    return dg.materialize(
        [*ASSETS, *GATES],
        instance=instance,
        partition_key=batch,
        resources=resources(settings()),
        run_config={
            "ops": {"raw_documents": {"config": {"folder": str(folder)}}},
            "resources": {name: {"config": fields} for name, fields in (configured or {}).items()},
        },
        raise_on_error=False,
    )


def metadata(result: dg.ExecuteInProcessResult, key: str) -> dict[str, object]:
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(key)]
    found = event.step_materialization_data.materialization.metadata
    return {name: getattr(value, "value", None) for name, value in found.items()}
