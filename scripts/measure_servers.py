"""Measures writing a graph into real servers: against bare statements, against stock LightRAG, and against files.

    python scripts/measure_servers.py GOLD [COUNT]     writes docs/results/servers.json

GOLD is a JSONL file with ``text`` in each line, for example redocred_dev.jsonl; the first COUNT of its documents (480)
go through the three phases. Servers of its own are started, as for the tests. Vectors are made by the tests' encoder
without weights: so the seconds are those of the stores. Compared are medians of runs in turn, in this process; ratios
hold from machine to machine, seconds do not.
"""

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import neo4j
from lightrag.kg import shared_storage

from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, GraphStore, contribute
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.loop import run
from aegis_pipeline.graph.neo4j.bulk import slices, write_graph
from aegis_pipeline.graph.neo4j.storage import AegisNeo4jStorage
from aegis_pipeline.graph.rows import EDGES, NODES
from aegis_pipeline.graph.served import ServerGraphStore
from aegis_pipeline.graph.typed.rows import with_typed
from aegis_pipeline.graph.typed.writing import write_typed
from aegis_pipeline.graph.update import Update, plan
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.records import Document
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.reference import insert_by_lightrag
from aegis_pipeline_tests.graph.served_worlds import settings_of
from aegis_pipeline_tests.graph.worlds import ENCODER
from aegis_pipeline_tests.servers.addresses import Neo4jServer
from aegis_pipeline_tests.servers.launch import launch, neo4j_ways, postgres_ways

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "servers.json"
DOCUMENTS, FEW = 480, 40  # stock LightRAG takes minutes for the many: it gets the few
ROUNDS = 5


def main() -> None:
    """Start servers, measure, and write the results."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else DOCUMENTS
    whole, few = (_contribution([json.loads(line)["text"] for line in lines[:n]]) for n in (count, FEW))
    graph, rows = launch(neo4j_ways()), launch(postgres_ways())
    try:
        configured = settings_of("measured", graph.address, rows.address)
        found = {
            "command": "python scripts/measure_servers.py redocred_dev.jsonl",
            "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
            "versions": _versions(configured),
            "nodes and edges": asyncio.run(_against_bare(configured, whole)),
            "round trips to Neo4j": _against_stock(configured, graph.address, few),
            "whole writes": _against_files(configured, whole),
        }
    finally:
        graph.close()
        rows.close()
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _contribution(texts: list[str]) -> BatchContribution:
    documents = [Document(f"doc-{n}", f"{n}.txt", text, str(hash(text))) for n, text in enumerate(texts)]
    found = ThreePhaseExtractor.from_settings(Settings()).extract_documents(documents)
    return contribute("measured", documents, found.chunks, found.entities, found.relations, load_schema())


def _versions(configured: Settings) -> dict[str, str]:
    from aegis_pipeline.graph.servers import check_neo4j, check_postgres

    servers = f"{run(check_neo4j(configured))}, {run(check_postgres(configured))}"
    return {"servers": servers, **{name: version(name) for name in ("neo4j", "asyncpg", "lightrag-hku")}}


async def _against_bare(configured: Settings, contribution: BatchContribution) -> dict[str, Any]:
    """Seconds of one transaction: two bare statements over the rows of LightRAG's nodes and edges, our writing of the
    same rows, and that with the typed graph in it."""
    corpus = Corpus({contribution.batch: contribution})
    update = with_typed(plan(Corpus(), corpus, len, ENCODER.max_tokens), Corpus(), corpus)

    async def both(tx: Any, label: str, _: Update) -> None:
        await write_graph(tx, label, update, 0)
        await write_typed(tx, label.strip("`"), update)

    ways: dict[str, Callable[..., Awaitable[None]]] = {
        "bare UNWIND": _bare,
        "ours": lambda tx, label, update: write_graph(tx, label, update, 0),
        "ours, with the typed graph": both,
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS + 1):
        for way, work in ways.items():
            seconds[way].append(await _timed(configured, work, update))
    medians = {way: statistics.median(taken[1:]) for way, taken in seconds.items()}  # the first warms the server
    return {
        "nodes": len(update.written(NODES)),
        "edges": len(update.written(EDGES)),
        "seconds": {way: round(taken, 3) for way, taken in medians.items()},
        "ours against bare": round(medians["ours"] / medians["bare UNWIND"], 2),
    }


async def _bare(tx: Any, label: str, update: Update) -> None:
    nodes = [{"id": key, "p": row} for key, row in update.written(NODES).items()]
    edges = [{"a": a, "b": b, "p": row} for (a, b), row in update.written(EDGES).items()]
    for part in slices(nodes):
        cypher = f"UNWIND $rows AS row MERGE (n:{label} {{entity_id: row.id}}) SET n += row.p"
        await (await tx.run(cypher, rows=part)).consume()
    for part in slices(edges):
        ends = f"MATCH (a:{label} {{entity_id: row.a}}) MATCH (b:{label} {{entity_id: row.b}})"
        await (
            await tx.run(f"UNWIND $rows AS row {ends} MERGE (a)-[r:DIRECTED]-(b) SET r += row.p", rows=part)
        ).consume()


async def _timed(configured: Settings, work: Callable[..., Awaitable[None]], update: Update) -> float:
    """Seconds of ``work`` in one transaction, under a label that is new and has its constraint."""
    shared_storage.initialize_share_data(1)
    storage = AegisNeo4jStorage("chunk_entity_relation", {}, None, f"m{uuid.uuid4().hex}")
    storage.configured = configured
    await storage.initialize()
    try:
        async with storage._driver.session(database=configured.neo4j_database) as session:
            started = time.perf_counter()
            await session.execute_write(work, storage.label, update)
            taken = time.perf_counter() - started
        await storage._driver.execute_query(f"MATCH (n:{storage.label}) DETACH DELETE n")
        await storage._driver.execute_query("MATCH (n {workspace: $w}) DETACH DELETE n", w=storage.workspace)
    finally:
        await storage.finalize()
    return taken


def _against_stock(configured: Settings, server: Neo4jServer, contribution: BatchContribution) -> dict[str, Any]:
    """Calls of the driver's ``run``, each of which waits for the server, and seconds; vectors and rows are in files."""
    own = Settings(kv_storage="files", vector_storage="files", doc_status_storage="files")
    files = configured.model_copy(update=own.model_dump(include=set(own.model_fields_set)))
    os.environ |= server.environment()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        with closing(ServerGraphStore(_elsewhere(files), Path(name) / "graph", ENCODER)) as store:
            store.graph()  # opens it
            found["ours"] = _counted(lambda: store.write(contribution))
        stock = insert_by_lightrag(Path(name), _elsewhere(files).aegis_workspace, contribution, "Neo4JStorage")
        found["stock LightRAG"] = _counted(lambda: run(stock))
    ratio = found["stock LightRAG"]["round trips"] / found["ours"]["round trips"]
    return {"documents": len(contribution.documents), **found, "stock against ours": round(ratio, 1)}


def _counted(work: Callable[[], object]) -> dict[str, float]:
    calls = [0]
    kept = []
    for owner in (neo4j.AsyncSession, neo4j._async.work.transaction.AsyncTransactionBase):
        kept.append((owner, owner.run))
        owner.run = _counting(owner.run, calls)  # type: ignore[method-assign]
    started = time.perf_counter()
    try:
        work()
    finally:
        for owner, original in kept:
            owner.run = original  # type: ignore[method-assign]
    return {"round trips": calls[0], "seconds": round(time.perf_counter() - started, 2)}


def _counting(call: Any, calls: list[int]) -> Any:
    async def counted(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        return await call(*arguments, **options)

    return counted


def _elsewhere(configured: Settings) -> Settings:
    return configured.model_copy(update={"aegis_workspace": f"m{uuid.uuid4().hex}"})


def _against_files(configured: Settings, contribution: BatchContribution) -> dict[str, Any]:
    """Seconds of a first write, of one document that goes and comes back, and of a write that finds nothing to do."""
    with tempfile.TemporaryDirectory() as name:
        graph = Path(name) / "graph"
        return {
            "documents": len(contribution.documents),
            "in files": _writes(EmbeddedGraphStore(graph, ENCODER, 10), contribution),
            "in servers": _writes(ServerGraphStore(_elsewhere(configured), graph, ENCODER), contribution),
        }


def _writes(store: GraphStore, contribution: BatchContribution) -> dict[str, float]:
    middle = len(contribution.documents) // 2
    without = (*contribution.documents[:middle], *contribution.documents[middle + 1 :])
    less = BatchContribution(contribution.batch, without, contribution.names)
    with closing(store):
        return {
            "first": _seconds(lambda: store.write(contribution)),
            "one document removed": _seconds(lambda: store.write(less)),
            "one document added": _seconds(lambda: store.write(contribution)),
            "nothing changed": _seconds(lambda: store.write(contribution)),
            "counts read back": _seconds(lambda: store.counts(contribution)),
        }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 3)


if __name__ == "__main__":
    main()
