"""Everything that Dagster loads, in plain values: ``definitions.json`` is what it was when somebody last looked.

Renew it with ``python -m aegis_pipeline_tests.defs.snapshot``, and read the difference before you commit it.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg

FILE = Path(__file__).with_name("definitions.json")


def described(defs: dg.Definitions) -> dict[str, Any]:
    """Assets, checks, jobs, schedules, sensors and resources by their names."""
    repository = defs.get_repository_def()
    return {
        "assets": _assets(defs),
        "checks": _checks(defs),
        "jobs": {job.name: _job(job) for job in repository.get_all_jobs() if not job.name.startswith("__")},
        "schedules": {
            schedule.name: {
                "cron": schedule.cron_schedule,
                "job": schedule.job_name,
                "status": schedule.default_status.value,
            }
            for schedule in repository.schedule_defs
        },
        "sensors": {sensor.name: _sensor(sensor) for sensor in repository.sensor_defs},
        "resources": sorted(repository.get_top_level_resources()),
    }


def as_text(found: dict[str, Any]) -> str:
    """As the file has it."""
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _assets(defs: dg.Definitions) -> dict[str, Any]:
    graph = defs.resolve_asset_graph()
    found = {}
    for assets in defs.get_repository_def().assets_defs_by_key.values():
        for key in assets.keys:
            found[key.to_user_string()] = {
                "depends_on": _names(graph.get(key).parent_keys),
                "group": graph.get(key).group_name,
                "kinds": sorted(graph.get(key).kinds),
                "partitions": _partitions(graph.get(key).partitions_def),
                "pool": assets.op.pool,
                "retries": assets.op.retry_policy.max_retries if assets.op.retry_policy else 0,
            }
    return found


def _checks(defs: dg.Definitions) -> dict[str, Any]:
    graph = defs.resolve_asset_graph()
    specs = {spec.key: spec for checks in defs.asset_checks or () for spec in checks.check_specs}
    return {
        f"{key.asset_key.to_user_string()}: {key.name}": {
            "blocking": graph.get(key).blocking,
            "partitions": _partitions(specs[key].partitions_def),
        }
        for key in graph.asset_check_keys
    }


def _job(job: dg.JobDefinition) -> dict[str, Any]:
    """Its nodes, and the pool of each one that is no asset's: those of assets are told above."""
    layer = job.asset_layer
    return {
        "assets": _names(layer.executable_asset_keys) if layer else [],
        "ops": {node.name: getattr(node.definition, "pool", None) for node in job.nodes}
        if not _has_assets(job)
        else {},
        "partitions": _partitions(job.partitions_def),
        "executor": job.executor_def.name,
    }


def _has_assets(job: dg.JobDefinition) -> bool:
    return bool(job.asset_layer and job.asset_layer.executable_asset_keys)


def _sensor(sensor: dg.SensorDefinition) -> dict[str, Any]:
    return {
        "jobs": sorted(target.job_name for target in sensor.targets),
        "status": sensor.default_status.value,
        "type": sensor.sensor_type.value,
        "seconds": sensor.minimum_interval_seconds,
    }


def _partitions(partitions: dg.PartitionsDefinition[str] | None) -> str | None:
    return getattr(partitions, "name", None) or (type(partitions).__name__ if partitions else None)


def _names(keys: Iterable[dg.AssetKey]) -> list[str]:
    return sorted(key.to_user_string() for key in keys)


if __name__ == "__main__":
    from aegis_pipeline.definitions import defs

    FILE.write_text(as_text(described(defs)), encoding="utf-8")
    print(f"{FILE} written: read the difference.")
