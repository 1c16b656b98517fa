"""The graph in servers: the same as in files, whichever stores are where, after any life of its batches."""

import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.errors import GraphError, InputError
from aegis_pipeline.graph import GraphCounts, expected_counts, served_archive
from aegis_pipeline.graph.postgres import archive as postgres_archive_module
from aegis_pipeline.graph.served import ServerGraphStore
from aegis_pipeline.pipeline import stores
from aegis_pipeline.records import QueryMode
from aegis_pipeline.settings import Profile, RowStorage, Settings
from aegis_pipeline_tests.graph.served_worlds import embedded_graph, run_cypher, run_sql, served, settings_of
from aegis_pipeline_tests.graph.test_life import LINKINGS, lives
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, batch, plain, text
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer

pytestmark = [pytest.mark.neo4j, pytest.mark.postgres]
FILES = {"a.txt": text(1), "b/readme.md": text(2), "c/readme.md": text(3)}

# Each store by itself in a server, and all of them.
PLACES: dict[str, dict[str, str]] = {
    "all": {},
    "graph": dict.fromkeys(("vector_storage", "kv_storage", "doc_status_storage"), "files"),
    "vectors": {"graph_storage": "files", "kv_storage": "files", "doc_status_storage": "files"},
    "rows": {"graph_storage": "files", "vector_storage": "files", "doc_status_storage": "files"},
    "statuses": {"graph_storage": "files", "vector_storage": "files", "kv_storage": "files"},
}


@pytest.fixture
def configured(workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer) -> Settings:
    return settings_of(workspace, neo4j_server, postgres_server)


def test_profile_decides_where_a_store_does_not(configured: Settings) -> None:
    assert not Settings(aegis_profile="embedded").storages.use_servers
    production = Settings(aegis_profile=Profile.PRODUCTION, kv_storage="files")
    assert production.storages == ("neo4j", "postgres", "files", "postgres")
    assert isinstance(stores.graph_store(configured, ENCODER), ServerGraphStore)


@pytest.mark.parametrize("places", PLACES)
def test_served_graph_is_that_in_files(configured: Settings, tmp_path: Path, places: str) -> None:
    chosen = configured.model_copy(update=Settings(**PLACES[places]).model_dump(include=set(PLACES[places])))
    first, second = batch("b", FILES), batch("b", {**FILES, "a.txt": text(4), "new": text(5)})
    with served(chosen, tmp_path) as store:
        store.write(batch("a", {"x": text(9)}))
        store.write(first)
        report = store.write(second)
        assert (report.difference.changed, report.difference.added) == ({"doc-b-a.txt"}, {"doc-b-new"})
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", batch("a", {"x": text(9)}), second)
        assert store.counts(second) == expected_counts(second)
        found = store.retrieve("Who employs Lyons?", "mix", ["employs Lyons"], ["Lyons"], 5)
        assert {source["path"] for row in found["chunks"] for source in row["sources"]} <= {*FILES, "new", "x"}
        assert all(row["statements"] for row in found["relationships"])


def test_served_graph_is_there_for_another_process(configured: Settings, tmp_path: Path) -> None:
    """Which has the settings alone."""
    contribution = batch("b", FILES)
    with served(configured, tmp_path / "one") as store:
        changes = store.write(contribution).changes
    with served(configured, tmp_path / "other") as store:
        assert store.counts(contribution) == expected_counts(contribution)
        assert store.last_changes() == changes
        assert store.write(contribution).changes.is_empty


@pytest.mark.parametrize("seed", range(2))
def test_served_life_equals_a_fresh_build(configured: Settings, tmp_path: Path, seed: int) -> None:
    """Also what of it lies in tables: no row of what was removed is left."""
    texts = {f"f{number}": text(number, sentences=2) for number in range(12)}
    with served(configured, tmp_path) as store:
        for state in lives(texts, TYPES, seed, steps=6):
            for name in state:
                store.write(state[name])
            for contribution in state.values():
                assert store.counts(contribution) == expected_counts(contribution)
            assert plain(store.graph()) == embedded_graph(
                tmp_path / f"{len(list(tmp_path.iterdir()))}", *state.values()
            )
        for name in state:
            if state[name].documents:
                store.remove(name)
        assert plain(store.graph()) == ({}, {})


async def test_served_removed_batches_leave_no_row(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        for linking in LINKINGS:
            store.write(batch("b", FILES, linking=linking))
        tables = await _tables(configured)
        assert tables["lightrag_doc_full"] == 3
        assert tables["aegis_documents"] == 3
        store.remove("b")
    tables = await _tables(configured)
    assert {name for name, count in tables.items() if count} == {"aegis_graphs", "aegis_batches"}
    assert await run_cypher(configured, f"MATCH (n:`{configured.aegis_workspace}`) RETURN n") == []
    assert await run_cypher(configured, "MATCH (n {workspace: $w}) RETURN n", w=configured.aegis_workspace) == []


async def _tables(configured: Settings) -> dict[str, int]:
    """Rows of the workspace in each table."""
    named = "SELECT table_name FROM information_schema.columns WHERE column_name = 'workspace'"
    names = sorted(row["table_name"] for row in await run_sql(configured, named))
    workspace = configured.aegis_workspace
    counted = [await run_sql(configured, f'SELECT count(*) FROM "{n}" WHERE workspace = $1', workspace) for n in names]
    return {name: rows[0]["count"] for name, rows in zip(names, counted, strict=True)}


def test_served_removing_an_unknown_batch_names_those_that_are_there(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        store.write(batch("a", FILES))
        for call in (store.remove, store.restore):
            with pytest.raises(InputError, match="no batch 'b' in the graph; there are: a"):
                call("b")


def test_served_unchanged_texts_are_not_encoded_again(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    encode = type(ENCODER).encode

    def spy(self: Any, texts: list[str], batch_size: int = 32) -> Any:
        encoded.extend(texts)
        return encode(self, texts, batch_size)

    monkeypatch.setattr(type(ENCODER), "encode", spy)
    with served(configured, tmp_path) as store:
        store.write(batch("b", {"a": "Lyons employs EDSAC."}))
        encoded.clear()
        store.write(batch("b", {"a": "Lyons employs EDSAC.", "b": "Lyons employs EDSAC."}))
    assert encoded == ["Lyons employs EDSAC."]  # the new chunk: no description is other than before


LOSSES: dict[str, str] = {
    "entities": "DELETE FROM lightrag_vdb_entity_all_minilm_l6_v2_384d WHERE workspace = $1",
    "chunks": "DELETE FROM lightrag_doc_chunks WHERE workspace = $1",
    "documents": "DELETE FROM lightrag_doc_status WHERE workspace = $1 AND id = 'doc-b-a.txt'",
    "provenance": "UPDATE lightrag_entity_chunks SET chunk_ids = '[]' WHERE workspace = $1",
}
OWN_STATEMENT = "MATCH (h:Entity {workspace: $w})-[s]->(t) WHERE s.document_id = 'doc-b-a.txt' WITH h, s, t LIMIT 1"
TYPED_LOSSES: dict[str, str] = {
    "typed document": "MATCH (d:Document {workspace: $w, path: 'a.txt'}) DETACH DELETE d",
    "typed chunk": "MATCH (:Document {workspace: $w, path: 'a.txt'})-->(c:Chunk) DETACH DELETE c",
    "typed entity": "MATCH (e:Entity {workspace: $w, entity_id: 'Lyons'}) DETACH DELETE e",
    "typed mentions": "MATCH (:Document {workspace: $w, path: 'a.txt'})-->()-[m:MENTIONS]->() DELETE m",
    "typed statement": f"{OWN_STATEMENT} DELETE s",
    "typed statement twice": f"{OWN_STATEMENT} CREATE (h)-[c:AGAIN]->(t) SET c = s",
}


@pytest.mark.parametrize("lost", [*LOSSES, *TYPED_LOSSES, "nodes", "edges", "statements"])
async def test_served_loss_is_seen_and_the_previous_contribution_put_back(
    configured: Settings, tmp_path: Path, lost: str
) -> None:
    """Rows go behind our back between the write and the check, though the archive says that they are there."""
    before, after = batch("b", FILES), batch("b", {**FILES, "a.txt": text(4)})
    with served(configured, tmp_path) as store:
        store.write(batch("a", {"x": text(9)}))
        store.write(before)
        graph = plain(store.graph())
        store.write(after)
        await _lose(configured, lost)
        assert store.counts(after) != expected_counts(after)
        store.restore("b")
        assert plain(store.graph()) == graph
        assert store.counts(before) == expected_counts(before)


async def _lose(configured: Settings, lost: str) -> None:
    label = f"`{configured.aegis_workspace}`"
    if lost in LOSSES:
        await run_sql(configured, LOSSES[lost], configured.aegis_workspace)
    elif lost in TYPED_LOSSES:
        await run_cypher(configured, TYPED_LOSSES[lost], w=configured.aegis_workspace)
    elif lost == "nodes":
        await run_cypher(configured, f"MATCH (n:{label} {{entity_id: 'Lyons'}}) DETACH DELETE n")
    elif lost == "edges":
        await run_cypher(configured, f"MATCH (:{label})-[r]-() WITH r LIMIT 1 DELETE r")
    else:
        await run_cypher(
            configured, f"MATCH (:{label})-[r]-() WHERE NOT r.file_path CONTAINS 'a%2F' SET r.statements = '[]'"
        )


async def test_served_restore_brings_the_typed_graph_back(configured: Settings, tmp_path: Path) -> None:
    count = "MATCH (:Chunk {workspace: $w})-[m:MENTIONS]->() RETURN count(m) AS n"
    with served(configured, tmp_path) as store:
        store.write(batch("b", FILES))
        before = await run_cypher(configured, count, w=configured.aegis_workspace)
        await run_cypher(configured, "MATCH (c:Chunk {workspace: $w}) DETACH DELETE c", w=configured.aegis_workspace)
        store.write(batch("b", FILES))
        store.restore("b")
        assert await run_cypher(configured, count, w=configured.aegis_workspace) == before != [{"n": 0}]


async def test_served_somebody_elses_graph_is_left_alone(configured: Settings, tmp_path: Path) -> None:
    label = f"`{configured.aegis_workspace}`"
    await run_cypher(configured, f"CREATE (:{label} {{entity_id: 'Theirs'}})")
    with served(configured, tmp_path) as store, pytest.raises(GraphError, match="AEGIS_WORKSPACE"):
        store.write(batch("b", FILES))
    assert await run_cypher(configured, f"MATCH (n:{label}) RETURN n.entity_id AS id") == [{"id": "Theirs"}]


def test_served_graph_of_an_archive_that_is_gone_is_left_alone(configured: Settings, tmp_path: Path) -> None:
    alone = configured.model_copy(update={"kv_storage": RowStorage.FILES})
    with served(alone, tmp_path / "one") as store:
        store.write(batch("a", FILES))
    with served(alone, tmp_path / "other") as store, pytest.raises(GraphError, match="another AEGIS_HOME"):
        store.write(batch("b", FILES))


def test_served_graph_of_another_encoder_is_refused(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(configured, tmp_path) as store:
        store.write(batch("b", FILES))
    monkeypatch.setattr(ENCODER, "digest", "another")
    with served(configured, tmp_path) as store, pytest.raises(GraphError, match="another ENCODER_MODEL"):
        store.write(batch("b", FILES))


@pytest.mark.parametrize("rows", RowStorage)
def test_served_graph_of_another_version_is_refused(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: RowStorage
) -> None:
    chosen = configured.model_copy(update={"kv_storage": rows})
    with served(chosen, tmp_path) as store:
        store.write(batch("b", FILES))
        for module in (served_archive, postgres_archive_module):
            monkeypatch.setattr(module, "VERSION", 99)
        with pytest.raises(GraphError, match=r"of a graph of version \d+; this is version 99"):
            store.write(batch("b", FILES))


def test_served_empty_graph_reads_as_empty(configured: Settings, tmp_path: Path) -> None:
    with served(configured, tmp_path) as store:
        assert asdict(store.counts(batch("b", FILES))) == asdict(GraphCounts())
        assert store.retrieve("Ferranti?", "mix", ["x"], ["y"], 5) == {}
        assert store.graph().nodes == {}
        assert store.last_changes() is None


def test_served_keys_and_changes_need_no_model(configured: Settings, tmp_path: Path) -> None:
    at_home = configured.model_copy(update={"aegis_home": tmp_path})
    with pytest.raises(InputError, match=f"no graph in workspace {configured.aegis_workspace} yet"):
        stores.require_graph(at_home)
    with served(at_home, tmp_path) as store:
        store.write(batch("b", FILES))
        stores.require_graph(at_home)
        assert set(stores.graph_keys(at_home).values()) == store.graph().nodes.keys()
        assert stores.last_changes(at_home) == store.last_changes()


@pytest.mark.parametrize("mode", QueryMode)
def test_served_answers_in_every_mode(configured: Settings, tmp_path: Path, mode: QueryMode) -> None:
    files = {"docs/ü.txt": "It rained. Lyons employs EDSAC.", "b.txt": "Ferranti founded Manchester."}
    with served(configured, tmp_path) as store:
        store.write(batch("b", files))
        found = store.retrieve("Who employs EDSAC?", mode.value, ["Lyons employs EDSAC"], ["EDSAC"], 5)
    assert "docs/ü.txt" in {source["path"] for row in found["chunks"] for source in row["sources"]}
    for row in found["chunks"]:
        assert [files[s["path"]][s["start"] : s["end"]] for s in row["sources"]] == [row["content"]]
    assert bool(found["entities"]) == bool(found["relationships"]) == (mode is not QueryMode.NAIVE)


def test_served_random_batches_in_any_order(configured: Settings, tmp_path: Path) -> None:
    source = random.Random(3)
    batches = [batch(name, {f"f{n}": text(10 * i + n) for n in range(3)}) for i, name in enumerate("abc")]
    with served(configured, tmp_path) as store:
        for contribution in source.sample(batches, 3):
            store.write(contribution, keep_others=True)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", *batches)
