"""Health with the real servers: which they are, and what is said when one of them is another's address."""

import dagster as dg
import pytest

from aegis_pipeline.monitoring.components import Probed, State, probes
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.served_worlds import settings_of
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.ollama_recipe import OllamaServer
from aegis_pipeline_tests.servers.process import free_port

pytestmark = pytest.mark.dagster


def probed(component: str, configured: Settings) -> Probed:
    with dg.DagsterInstance.ephemeral() as instance:
        return probes(configured, instance)[component]()


@pytest.mark.neo4j
@pytest.mark.postgres
def test_the_graph_names_its_servers(
    workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer
) -> None:
    found = probed("graph", settings_of(workspace, neo4j_server, postgres_server))
    assert found.state is State.HEALTHY
    assert "Neo4j: Neo4j 5" in found.detail
    assert "PostgreSQL: PostgreSQL " in found.detail
    assert neo4j_server.environment()["NEO4J_PASSWORD"] not in found.detail


@pytest.mark.neo4j
@pytest.mark.postgres
def test_a_server_that_is_gone_is_named_and_the_other_is_not(
    workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer
) -> None:
    found = probed("graph", settings_of(workspace, neo4j_server, postgres_server, postgres_port=free_port()))
    assert found.state is State.UNHEALTHY
    assert "PostgreSQL" in found.detail
    assert "Neo4j" not in found.detail


@pytest.mark.ollama
def test_gemma_is_there_and_a_model_that_is_not_there_is_named(gemma_server: OllamaServer) -> None:
    def asking(model: str) -> Settings:
        return Settings(
            relation_backend="ollama", relation_fallback="none", ollama_host=gemma_server.host, relation_model=model
        )

    assert probed("gemma", asking(gemma_server.model)).state is State.HEALTHY
    missing = probed("gemma", asking("not-there:1b"))
    assert missing.state is State.UNHEALTHY
    assert "ollama pull not-there:1b" in missing.detail + missing.remedy
