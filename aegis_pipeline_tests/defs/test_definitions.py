"""The definitions as Dagster loads them; ``test_snapshot.py`` holds them to what they were."""

import dagster as dg
import pytest

from aegis_pipeline.definitions import defs

pytestmark = pytest.mark.dagster


def test_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_definitions_gates_have_partitions() -> None:
    """Without them the last evaluation would stand for every batch: Dagster calls them a preview."""
    graph = defs.resolve_asset_graph()
    specs = [spec for checks in defs.asset_checks or () for spec in checks.check_specs]
    assert all(spec.partitions_def == graph.get(spec.asset_key).partitions_def for spec in specs)


def test_definitions_assets_are_described() -> None:
    graph = defs.resolve_asset_graph()
    assert all(graph.get(key).description for key in graph.materializable_asset_keys)
