"""Whatever a name, a text, a path or an id says: servers keep it as it is, or it is refused and nothing is written."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aegis_pipeline.documents import chunk_documents, sanitize
from aegis_pipeline.entities import graph_key
from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import GraphCounts, contribute, expected_counts
from aegis_pipeline.graph.neo4j.bulk import quoted
from aegis_pipeline.graph.served import ServerGraphStore
from aegis_pipeline.records import Document
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.served_worlds import embedded_graph, served, settings_of
from aegis_pipeline_tests.graph.test_hostile_names import HOSTILE, _hostile
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, entities_and_relations, plain
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer

pytestmark = [pytest.mark.neo4j, pytest.mark.postgres]
NAMES = {**HOSTILE, "escapes": "\\u0000 \\x00 ${x} %s $1"}


@pytest.fixture(scope="module")
def store(
    neo4j_server: Neo4jServer, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerGraphStore]:
    configured = settings_of(f"test_{uuid.uuid4().hex[:12]}", neo4j_server, postgres_server)
    with served(configured, tmp_path_factory.mktemp("hostile")) as opened:
        yield opened


@pytest.mark.parametrize("kind", NAMES)
def test_hostile_served_names_are_stored(store: ServerGraphStore, tmp_path: Path, kind: str) -> None:
    name = sanitize(NAMES[kind]).strip()
    contribution = _hostile(name, graph_key)
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)
    assert store.graph().nodes[graph_key(name)]["name"] == name
    assert plain(store.graph()) == embedded_graph(tmp_path / "files", contribution)


@pytest.mark.parametrize("kind", NAMES)
def test_hostile_served_unprepared_names_are_stored_or_refused(store: ServerGraphStore, kind: str) -> None:
    """Texts that never met ``sanitize``, keys that never met ``graph_key``. What is refused leaves the graph alone."""
    before = batch("b", {"x": "Lyons employs EDSAC."})
    store.write(before)
    contribution, refused = _hostile(NAMES[kind], str), ""
    try:
        store.write(contribution)
    except GraphError as error:
        refused = str(error)
    assert NAMES[kind] not in refused
    if refused:
        assert "Nothing was written" in refused
        assert store.counts(before) == expected_counts(before)
    else:
        assert store.counts(contribution) == expected_counts(contribution)


@pytest.mark.parametrize("name", ["Long" * 2_500, "北" * 10_000, "'})" * 3_333])
def test_hostile_served_names_of_10_000_characters_are_stored(store: ServerGraphStore, name: str) -> None:
    """Under a key that is cut; the name itself is whole."""
    documents = [Document("doc-1", "1.txt", "Lyons employs Ferranti.", "h")]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks)
    named = [replace(e, name=name, key=graph_key(name)) if e.name == "Lyons" else e for e in entities]
    contribution = contribute("b", documents, chunks, named, relations, load_schema())
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)
    (node,) = (node for node in store.graph().nodes.values() if node["name"] == name)
    assert len(node["entity_id"].encode()) <= 512


@pytest.mark.parametrize("path", ["北" * 200 + ".txt", "a'b\"c`d;--.txt"])
def test_hostile_served_paths_are_stored(store: ServerGraphStore, path: str) -> None:
    """Their letters are escaped in the name that LightRAG shows: to nine times their number."""
    contribution = batch("b", {path: "Lyons employs EDSAC."})
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)


def test_hostile_served_long_ids_are_refused(store: ServerGraphStore) -> None:
    with pytest.raises(GraphError, match=r"The id .* has 266 characters.*keep 255"):
        store.write(batch("b", {"x" * 260: "Lyons employs EDSAC."}))


@pytest.mark.parametrize("name", ["a`b", "``", "a``]-(n) DETACH DELETE n //", "ü", ""])
def test_hostile_served_quoted_names_end_where_they_should(name: str) -> None:
    inside = quoted(name)[1:-1]
    assert inside.replace("``", "") == name.replace("`", "")
    assert inside.count("`") == 2 * name.count("`")


def test_hostile_served_refused_first_write_leaves_nothing(
    neo4j_server: Neo4jServer, postgres_server: PostgresServer, workspace: str, tmp_path: Path
) -> None:
    contribution = _hostile(HOSTILE["control"], str)
    with served(settings_of(workspace, neo4j_server, postgres_server), tmp_path) as opened:
        with pytest.raises(GraphError, match="NUL"):
            opened.write(contribution)
        assert opened.counts(contribution) == GraphCounts()
        assert opened.last_changes() is None
