"""The typed graph on a server: what any sequence of writes leaves equals a fresh build, and names are only names."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from neo4j import AsyncGraphDatabase

from aegis_pipeline.documents import chunk_documents, sanitize
from aegis_pipeline.entities import graph_key
from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import BatchContribution, contribute
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.rows import NODES
from aegis_pipeline.graph.typed.schema import SCHEMA
from aegis_pipeline.graph.typed.writing import ensure_schema
from aegis_pipeline.records import Document
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.test_hostile_names import HOSTILE
from aegis_pipeline_tests.graph.test_life import lives
from aegis_pipeline_tests.graph.typed_graphs import TypedGraph, afresh, planned, typed_graph
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, batch, entities_and_relations, text
from aegis_pipeline_tests.servers.addresses import Neo4jServer
from aegis_pipeline_tests.servers.process import ServerProcess

pytestmark = pytest.mark.neo4j
FILES = {"a.txt": text(1), "b.txt": text(2)}
EMPTY: dict[str, list[object]] = {name: [] for name in ("documents", "chunks", "entities", "mentions", "statements")}


@pytest.fixture
async def graph(neo4j_server: Neo4jServer) -> AsyncIterator[TypedGraph]:
    async with typed_graph(neo4j_server) as opened:
        yield opened


async def test_typed_graph_holds_what_the_batch_says(graph: TypedGraph) -> None:
    contribution = batch("b", FILES)
    await graph.write(contribution)
    found = await graph.read()
    assert [properties["path"] for _, properties in found["documents"]] == ["a.txt", "b.txt"]
    chunks = {(d.document_id, c.id, c.text) for d in contribution.documents for c in d.chunks}
    assert {(d, p["id"], p["text"]) for d, has, _, p in found["chunks"] if has == "HAS_CHUNK"} == chunks
    keys = graph.corpus.keys
    mentions = {
        (m.chunk_id, m.start, m.end, m.surface, keys[m.thing]) for d in contribution.documents for m in d.mentions
    }
    assert {(c, m["start"], m["end"], m["surface"], e) for c, _, m, e in found["mentions"]} == mentions
    assert len(found["mentions"]) == len(mentions)
    stated = [(keys[s.head], s.predicate.upper(), keys[s.tail]) for d in contribution.documents for s in d.statements]
    assert sorted((head, type_, tail) for head, type_, _, tail in found["statements"]) == sorted(stated)
    for labels, properties in found["entities"]:
        assert set(labels) == {"Entity", TYPES[properties["entity_id"]].capitalize()}
        assert properties["type"] == TYPES[properties["name"]]
        assert properties["description"]


@pytest.mark.parametrize("seed", range(4))
async def test_typed_graph_after_any_sequence_equals_a_fresh_build(
    graph: TypedGraph, neo4j_server: Neo4jServer, seed: int
) -> None:
    """Documents come, change and go in three batches; names merge, part, and change their types."""
    source = random.Random(seed)
    texts = {f"f{number}": text(number, sentences=2) for number in range(12)}
    before, state = dict[str, BatchContribution](), dict[str, BatchContribution]()
    for state in lives(texts, TYPES, seed, steps=6):
        await graph.write(*(state[name] for name in state if before.get(name) is not state[name]))
        before = state
    order = source.sample(sorted(state), len(state))
    assert await graph.read() == await afresh(neo4j_server, *(state[name] for name in order))
    for name in state:
        await graph.write(batch(name, {}))
    assert await graph.read() == EMPTY


async def test_typed_graph_keeps_what_other_batches_mention(graph: TypedGraph, neo4j_server: Neo4jServer) -> None:
    shared, own = batch("a", {"x": "Lyons employs EDSAC."}), batch("b", {"y": "Lyons employs Ferranti."})
    await graph.write(shared, own, batch("a", {}))
    assert await graph.read() == await afresh(neo4j_server, own)
    assert [e["entity_id"] for _, e in (await graph.read())["entities"]] == ["Ferranti", "Lyons"]


async def test_typed_graph_label_follows_a_type_that_changes(graph: TypedGraph) -> None:
    await graph.write(batch("b", {"x": "EDSAC employs Lyons."}), batch("c", {"y": "EDSAC employs Ferranti."}))
    await graph.write(batch("b", {"x": "EDSAC employs Lyons."}, {**TYPES, "EDSAC": "event"}))
    await graph.write(batch("c", {}))
    labels = {e["entity_id"]: labels for labels, e in (await graph.read())["entities"]}
    assert labels == {"EDSAC": ["Entity", "Event"], "Lyons": ["Entity", "Organization"]}


async def test_typed_graph_written_twice_is_written_once(graph: TypedGraph) -> None:
    update = planned(Corpus(), Corpus({"b": batch("b", FILES)}))
    await graph.apply(update)
    once = await graph.read()
    await graph.apply(update)
    assert await graph.read() == once


async def test_typed_graph_written_by_many_at_once_is_written_once(graph: TypedGraph) -> None:
    update = planned(Corpus(), Corpus({"b": batch("b", {f"{n}.txt": text(n) for n in range(8)})}))
    await asyncio.gather(*(graph.apply(update) for _ in range(4)))
    at_once = await graph.read()
    await graph.apply(update)
    assert await graph.read() == at_once


async def test_typed_graph_of_one_workspace_knows_nothing_of_another(
    graph: TypedGraph, neo4j_server: Neo4jServer
) -> None:
    contribution = batch("b", FILES)
    await graph.write(contribution)
    before = await graph.read()
    async with typed_graph(neo4j_server) as other:
        await other.write(contribution)
        await other.write(batch("b", {}))
        assert await other.read() == EMPTY
    assert await graph.read() == before


async def test_typed_graph_unsure_rows_are_put_right(graph: TypedGraph) -> None:
    """Whatever somebody did to them, and whatever the corpus says."""
    await graph.write(batch("b", FILES))
    right = await graph.read()
    await graph.rows("MATCH (c:Chunk {workspace: $workspace, index: 0}) DETACH DELETE c")
    await graph.rows("MATCH (e:Entity {workspace: $workspace, type: 'person'}) SET e:Wrong REMOVE e:Person")
    unsure = {"full_docs": list(graph.corpus.documents), NODES: list(graph.corpus.keys.values())}
    update = planned(graph.corpus, graph.corpus, unsure)
    lost = await graph.read()
    await graph.apply(planned(graph.corpus, graph.corpus))
    assert await graph.read() == lost != right
    await graph.apply(update)
    assert (await graph.read())["entities"] == right["entities"]
    assert (await graph.read())["mentions"] == right["mentions"]


async def test_typed_graph_entity_that_is_missing_fails_the_write(graph: TypedGraph) -> None:
    await graph.write(batch("b", {"x": "Lyons employs EDSAC."}))
    await graph.rows("MATCH (e:Entity {workspace: $workspace, entity_id: 'Lyons'}) DETACH DELETE e")
    before = await graph.read()
    after = graph.corpus.with_batch(batch("c", {"y": "Lyons employs EDSAC."}))
    update = planned(graph.corpus, after)
    rows = {key: row for key, row in update.after[NODES].items() if key != "Lyons"}
    with pytest.raises(GraphError, match=r"of 2 relationships have an end that is not in Neo4j"):
        await graph.apply(replace(update, after={**update.after, NODES: rows}))
    assert await graph.read() == before


@pytest.mark.parametrize("kind", HOSTILE)
async def test_typed_graph_hostile_names_and_types_are_stored_as_they_are(graph: TypedGraph, kind: str) -> None:
    name = sanitize(HOSTILE[kind])
    documents = [Document("doc-1", f"{kind}.txt", f"{name} employs Lyons.", "h")]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks, {**TYPES, name: name})
    keyed = [replace(entity, key=graph_key(entity.key)) for entity in entities]
    await graph.write(contribute("b", documents, chunks, keyed, relations, load_schema()))
    found = await graph.read()
    assert name in {properties["name"] for _, properties in found["entities"]}
    assert name in {mention["surface"] for _, _, mention, _ in found["mentions"]}
    await graph.write(batch("b", {}))
    assert await graph.read() == EMPTY


async def test_typed_graph_name_and_type_of_ten_thousand_characters_are_stored(graph: TypedGraph) -> None:
    long = "Ten " * 2_500
    documents = [Document("doc-1", "1.txt", "Lyons employs EDSAC.", "h")]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks)
    named = [replace(e, name=f"{long}{e.name}", key=graph_key(f"{long}{e.id}"), type=f"{long}x") for e in entities]
    await graph.write(contribute("b", documents, chunks, named, relations, load_schema()))
    found = (await graph.read())["entities"]
    assert {properties["name"] for _, properties in found} == {f"{long}Lyons", f"{long}EDSAC"}
    assert all(len(label) > 7_500 for labels, _ in found for label in labels if label != "Entity")


async def test_typed_graph_schema_may_be_made_twice(graph: TypedGraph) -> None:
    await ensure_schema(graph.driver, graph.database)
    names = {name for (name,) in await graph.rows("SHOW INDEXES YIELD name")}
    assert len(names & {"aegis_Document", "aegis_Chunk", "aegis_Entity", "aegis_names"}) == len(SCHEMA)


async def test_typed_graph_somebody_elses_index_is_named(own_neo4j: ServerProcess[Neo4jServer]) -> None:
    server = own_neo4j.address
    async with AsyncGraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        await driver.execute_query("CREATE INDEX others FOR (c:Chunk) ON (c.workspace, c.id)")
        with pytest.raises(GraphError, match=r"cannot hold the typed graph.*IndexAlreadyExists.*NEO4J_DATABASE"):
            await ensure_schema(driver, server.database)
