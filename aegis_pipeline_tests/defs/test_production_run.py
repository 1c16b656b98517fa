"""The job with the graph in servers: both are filled, a second run changes nothing, and a loss is mended."""

import asyncio
from pathlib import Path

import dagster as dg
import pytest

from aegis_pipeline.graph import BatchContribution, WriteReport
from aegis_pipeline.graph.served import ServerGraphStore
from aegis_pipeline.pipeline import stores
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.defs.job import metadata, run
from aegis_pipeline_tests.graph.served_worlds import run_cypher, run_sql
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer

pytestmark = [pytest.mark.dagster, pytest.mark.models, pytest.mark.neo4j, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def production(
    home: Path,
    workspace: str,
    neo4j_server: Neo4jServer,
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"AEGIS_PROFILE": "production", "AEGIS_WORKSPACE": workspace}
    for name, value in {**given, **neo4j_server.environment(), **postgres_server.environment()}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()


def test_production_run_fills_both_servers(home: Path, folder: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first, second = run(folder, instance), run(folder, instance)
    assert first.success
    assert second.success
    assert metadata(first, "knowledge_graph")["aegis/documents/added"] == 3
    assert metadata(second, "knowledge_graph")["aegis/documents/unchanged"] == 3
    configured = settings()
    nodes = asyncio.run(run_cypher(configured, f"MATCH (n:`{configured.aegis_workspace}`) RETURN n.entity_id AS id"))
    assert {node["id"] for node in nodes} == set(stores.graph_keys(configured).values())
    texts = "SELECT content FROM lightrag_doc_full WHERE workspace = $1"
    assert len(asyncio.run(run_sql(configured, texts, configured.aegis_workspace))) == 3
    assert not (home / "graph").exists()


def test_production_run_that_loses_nodes_puts_back_what_was_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next run, which loses nothing, writes what this one could not."""
    configured, write = settings(), ServerGraphStore.write
    graph = f"MATCH (n:`{configured.aegis_workspace}`) RETURN n.entity_id AS id, n.source_id AS source ORDER BY id"

    def lose(self: ServerGraphStore, contribution: BatchContribution, **options: bool) -> WriteReport:
        report = write(self, contribution, **options)
        lost = f"MATCH (n:`{configured.aegis_workspace}` {{entity_id: 'Manchester'}}) DETACH DELETE n"
        asyncio.run(run_cypher(configured, lost))
        return report

    with dg.DagsterInstance.ephemeral() as instance:
        assert run(folder, instance).success
        before = asyncio.run(run_cypher(configured, graph))
        (folder / "lyons.txt").write_text("Lyons was founded in London. Maurice Wilkes visited Lyons in Manchester.")
        with monkeypatch.context() as patched:
            patched.setattr(ServerGraphStore, "write", lose)
            assert not run(folder, instance).success
        assert asyncio.run(run_cypher(configured, graph)) == before
        assert run(folder, instance).success
    after = asyncio.run(run_cypher(configured, graph))
    assert "Lyons" in {node["id"] for node in after} - {node["id"] for node in before}
