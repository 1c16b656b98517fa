"""The definitions as Dagster loads them: keys, dependencies and gates, held to a snapshot."""

import dagster as dg
import pytest

from aegis_pipeline.definitions import defs

pytestmark = pytest.mark.dagster

DEPENDENCIES = {
    "raw_documents": set(),
    "ner_entities": {"raw_documents"},
    "deduplicated_entities": {"ner_entities"},
    "relations": {"raw_documents", "ner_entities", "deduplicated_entities"},
    "knowledge_graph": {"raw_documents", "deduplicated_entities", "relations"},
    "legacy_graph": {"raw_documents"},
}
GATES = {
    ("raw_documents", "documents_parse_rate"),
    ("relations", "relation_endpoints_exist"),
    ("relations", "degraded_fraction"),
    ("knowledge_graph", "graph_counts_match"),
    ("legacy_graph", "legacy_documents_extracted"),
}


def test_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_definitions_assets_and_dependencies() -> None:
    graph = defs.resolve_asset_graph()
    found = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.materializable_asset_keys
    }
    assert found == DEPENDENCIES


def test_definitions_gates_block_and_have_partitions() -> None:
    """Without partitions the last evaluation would stand for every batch: Dagster calls them a preview."""
    graph = defs.resolve_asset_graph()
    found = {(key.asset_key.to_user_string(), key.name): graph.get(key) for key in graph.asset_check_keys}
    assert found.keys() == GATES
    assert all(node.blocking for node in found.values())
    specs = [spec for checks in defs.asset_checks or () for spec in checks.check_specs]
    assert all(spec.partitions_def is not None for spec in specs)


def test_definitions_assets_are_described() -> None:
    graph = defs.resolve_asset_graph()
    assert all(graph.get(key).description for key in graph.materializable_asset_keys)
