"""Rows of a graph in servers that were lost, changed or added behind the store's back are found, and mended."""

import json
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.graph import GraphStore, expected_counts
from aegis_pipeline.graph.audit.faults import RowFault
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.served_worlds import embedded_graph, run_cypher, run_sql, served, settings_of
from aegis_pipeline_tests.graph.worlds import batch, plain, text
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer

pytestmark = [pytest.mark.neo4j, pytest.mark.postgres]

OTHER, FIRST = batch("a", {"v": text(9)}), batch("b", {"x": text(1), "y": text(2)})
MISSING, ORPHANED, DANGLING, DIFFERENT = RowFault

# $1 is the workspace.
IN_POSTGRES: dict[str, tuple[RowFault, str]] = {
    "DELETE FROM lightrag_doc_full WHERE workspace = $1 AND id = 'doc-b-x'": (MISSING, "full_docs"),
    "DELETE FROM lightrag_doc_status WHERE workspace = $1 AND id = 'doc-b-x'": (MISSING, "doc_status"),
    "INSERT INTO lightrag_doc_full (workspace, id, content, doc_name) VALUES ($1, 'gone', '…', 'b%2Fgone')": (
        ORPHANED,
        "full_docs",
    ),
    "INSERT INTO lightrag_entity_chunks (workspace, id, chunk_ids, count) VALUES ($1, 'Nobody', '[]', 0)": (
        ORPHANED,
        "entity_chunks",
    ),
    "UPDATE lightrag_relation_chunks SET chunk_ids = '[\"gone\"]', count = 1 WHERE workspace = $1": (
        DANGLING,
        "relation_chunks",
    ),
    "UPDATE lightrag_doc_chunks SET content = 'other' WHERE workspace = $1": (DIFFERENT, "text_chunks"),
}
# `L` is the label.
IN_NEO4J: dict[str, tuple[RowFault, str]] = {
    "MATCH (n:`L` {entity_id: 'Lyons'}) DETACH DELETE n": (MISSING, "nodes"),
    "MATCH (:`L`)-[r]->(:`L`) DELETE r": (MISSING, "edges"),
    "CREATE (:`L` {entity_id: 'Nobody', source_id: 'gone', entity_type: 'x', description: 'x'})": (ORPHANED, "nodes"),
    "MATCH (n:`L` {entity_id: 'Lyons'}) SET n.source_id = 'gone'": (DANGLING, "nodes"),
    "MATCH (d:Document {workspace: $w, id: 'doc-b-x'}) DETACH DELETE d": (MISSING, "typed_documents"),
    "MATCH (e:Entity {workspace: $w, entity_id: 'Lyons'}) DETACH DELETE e": (MISSING, "typed_entities"),
    "CREATE (:Entity {workspace: $w, entity_id: 'Nobody'})": (ORPHANED, "typed_entities"),
    "CREATE (:Chunk {workspace: $w, id: 'gone'})": (ORPHANED, "typed_chunks"),
    "MATCH (e:Entity {workspace: $w}) WITH collect(e) AS e "
    "WITH e[0] AS a, e[1] AS b CREATE (a)-[:EMPLOYER {document_id: 'gone'}]->(b)": (ORPHANED, "typed_statements"),
    "MATCH (e:Entity {workspace: $w}) WITH collect(e) AS e "
    "WITH e[0] AS a, e[1] AS b CREATE (a)-[:EMPLOYER {document_id: 'doc-b-x'}]->(b)": (DIFFERENT, "typed_documents"),
}


@pytest.fixture
def configured(workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer) -> Settings:
    return settings_of(workspace, neo4j_server, postgres_server)


async def everything(configured: Settings, store: GraphStore) -> list[Any]:
    """What LightRAG reads, and the typed graph, without the identities and times that a row written anew has."""
    workspace = configured.aegis_workspace
    typed = (
        "MATCH (n {workspace: $w}) RETURN labels(n) AS labels, properties(n) AS is",
        "MATCH (a {workspace: $w})-[r]->(b {workspace: $w}) RETURN coalesce(a.id, a.entity_id) AS a, type(r) AS type, "
        "properties(r) AS is, coalesce(b.id, b.entity_id) AS b",
    )
    found = [await run_cypher(configured, query, w=workspace) for query in typed]
    texts = await run_sql(configured, "SELECT id, content FROM lightrag_doc_chunks WHERE workspace = $1", workspace)
    return [plain(store.graph()), *(sorted(map(_text, rows)) for rows in (*found, map(dict, texts)))]


def _text(row: Any) -> str:
    return json.dumps(row, sort_keys=True, default=str)


async def test_served_audit_finds_nothing_in_a_sound_graph(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        assert not store.mend()
        store.write(OTHER)
        store.write(FIRST)
        assert store.faults().counts == {}
        changes = store.last_changes()
        assert not store.mend()
        assert store.last_changes() == changes


async def test_served_audit_finds_and_mends_rows(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        store.write(OTHER)
        store.write(FIRST)
        before = await everything(configured, store)
        workspace = configured.aegis_workspace
        for statement, (fault, kind) in (IN_POSTGRES | IN_NEO4J).items():
            if statement in IN_POSTGRES:
                await run_sql(configured, statement, workspace)
            else:
                await run_cypher(configured, statement.replace("`L`", f"`{workspace}`"), w=workspace)
            assert (fault, kind) in store.faults().counts, statement
            store.mend()
            assert store.faults().counts == {}, statement
            assert await everything(configured, store) == before, statement
        for contribution in (OTHER, FIRST):
            assert store.counts(contribution) == expected_counts(contribution)


async def test_served_rebuild_is_one_write_of_all_batches(configured: Settings, tmp_path: Path) -> None:
    changed = batch("b", {"x": text(7)})
    with served(configured, tmp_path) as store:
        store.write(OTHER)
        store.write(FIRST)
        await run_sql(configured, "DELETE FROM lightrag_doc_chunks WHERE workspace = $1", configured.aegis_workspace)
        store.rebuild([OTHER, changed])
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", OTHER, changed)
        assert store.faults().counts == {}
    with served(configured, tmp_path) as again:
        assert again.corpus().batches == {"a": OTHER, "b": changed}
