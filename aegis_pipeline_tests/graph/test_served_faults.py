"""Writes to servers that are interrupted: whatever happens in between, a retry or the next write completes them."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import TransientError
from pydantic import SecretStr

from aegis_pipeline.errors import GraphError, ServiceUnavailableError, SettingsError
from aegis_pipeline.graph import expected_counts, served
from aegis_pipeline.graph.neo4j import storage
from aegis_pipeline.graph.postgres.storages import AegisPGKVStorage
from aegis_pipeline.graph.served import ServerGraphStore
from aegis_pipeline.settings import RowStorage, Settings
from aegis_pipeline_tests.graph.served_worlds import embedded_graph, run_cypher, settings_of
from aegis_pipeline_tests.graph.served_worlds import served as opened_store
from aegis_pipeline_tests.graph.worlds import batch, plain, text
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.cutting_proxy import cutting_proxy
from aegis_pipeline_tests.servers.process import ServerProcess

pytestmark = [pytest.mark.neo4j, pytest.mark.postgres]

OTHER = batch("a", {"z": text(9)})
FIRST = batch("b", {"x": text(3), "y": text(4)})
SECOND = batch("b", {"x": text(5), "v": text(6)})


@pytest.fixture
def configured(workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer) -> Settings:
    return settings_of(workspace, neo4j_server, postgres_server)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_FIRST_WAIT", 0.2)


async def _nothing_is_double(configured: Settings) -> None:
    """One edge for a pair, in both graphs: what a lost answer to a commit would double."""
    label = f"`{configured.aegis_workspace}`"
    pairs = f"MATCH (a:{label})-[r]->(b:{label}) WITH a, b, count(r) AS n RETURN max(n) AS most"
    assert (await run_cypher(configured, pairs))[0]["most"] == 1
    mentions = (
        "MATCH (c:Chunk {workspace: $w})-[m:MENTIONS]->(e) WITH c, e, m.start AS s, count(m) AS n RETURN max(n) AS most"
    )
    assert (await run_cypher(configured, mentions, w=configured.aegis_workspace))[0]["most"] == 1


# ── a process that is killed ──────────────────────────────────────────────────────────────────────────────────────────

_WRITE = """
import os, signal, sys
from pathlib import Path
from aegis_pipeline.graph.neo4j import storage
from aegis_pipeline.graph.postgres.archive import PostgresArchive
from aegis_pipeline.graph.served_archive import FolderArchive
from aegis_pipeline.graph.postgres.storages import AegisPGKVStorage
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph import test_served_faults as faults
from aegis_pipeline_tests.graph.served_worlds import served

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def die_after(owner, name):
    call = getattr(owner, name)
    async def last(*arguments, **options):
        await call(*arguments, **options)
        die()
    setattr(owner, name, last)

folder, moment, batch = sys.argv[1:]
match moment:
    case "noted":
        die_after(PostgresArchive, "begin")
        die_after(FolderArchive, "begin")
    case "rows":
        storage.AegisNeo4jStorage.write = die
    case "nodes":
        die_after(storage, "write_graph")
    case "neo4j":
        die_after(storage.AegisNeo4jStorage, "write")
    case "written":
        PostgresArchive.commit = FolderArchive.commit = die
with served(Settings(), Path(folder)) as store:
    store.write(getattr(faults, batch))
"""


def _start(configured: Settings, folder: Path, moment: str, contribution: str) -> subprocess.Popen[bytes]:
    given = configured.model_dump(mode="json", include=set(configured.model_fields_set))
    secrets = {name: v.get_secret_value() for name, v in configured if isinstance(v, SecretStr)}
    environment = {name.upper(): str(value) for name, value in (given | secrets).items()}
    command = [sys.executable, "-c", _WRITE, str(folder), moment, contribution]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)


@pytest.mark.parametrize("rows", RowStorage)
@pytest.mark.parametrize("moment", ["noted", "rows", "nodes", "neo4j", "written"])
async def test_faults_killed_write_is_mended_by_the_next(
    configured: Settings, tmp_path: Path, moment: str, rows: RowStorage
) -> None:
    """Also when the next is of another batch, or takes other documents: nothing of the killed one may stay."""
    chosen = configured.model_copy(update={"kv_storage": rows})
    with opened_store(chosen, tmp_path) as store:
        store.write(FIRST)
    killed = _start(chosen, tmp_path, moment, "SECOND")
    assert (killed.communicate()[1], killed.returncode) == (b"", -signal.SIGKILL)
    with opened_store(chosen, tmp_path) as store:
        store.write(OTHER)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", FIRST, OTHER)
        for contribution in (FIRST, OTHER):
            assert store.counts(contribution) == expected_counts(contribution)
        assert store.counts(SECOND) != expected_counts(SECOND)
    await _nothing_is_double(chosen)


def test_faults_killed_write_is_completed_by_its_own_repetition(configured: Settings, tmp_path: Path) -> None:
    _start(configured, tmp_path, "neo4j", "FIRST").communicate()
    with opened_store(configured, tmp_path) as store:
        store.write(FIRST)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", FIRST)
        assert store.counts(FIRST) == expected_counts(FIRST)


async def test_faults_two_writers_at_once_are_both_there(configured: Settings, tmp_path: Path) -> None:
    writers = [_start(configured, tmp_path / name, "never", name) for name in ("OTHER", "FIRST", "OTHER", "FIRST")]
    assert [writer.communicate()[1] for writer in writers] == [b""] * 4
    with opened_store(configured, tmp_path) as store:
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", FIRST, OTHER)
        for contribution in (FIRST, OTHER):
            assert store.counts(contribution) == expected_counts(contribution)
    await _nothing_is_double(configured)


async def test_faults_first_writers_of_a_new_database_make_its_tables_in_turn(
    configured: Settings, tmp_path: Path, own_postgres: ServerProcess[PostgresServer], neo4j_server: Neo4jServer
) -> None:
    name = configured.aegis_workspace
    await _each(settings_of(name, None, own_postgres.address), f"CREATE DATABASE {name}")
    new = settings_of(name, neo4j_server, replace(own_postgres.address, database=name))
    writers = [_start(new, tmp_path / contribution, "never", contribution) for contribution in ("OTHER", "FIRST")]
    assert [writer.communicate()[1] for writer in writers] == [b""] * 2
    with opened_store(new, tmp_path) as store:
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", FIRST, OTHER)


# ── a server that is in the way of itself ─────────────────────────────────────────────────────────────────────────────


def test_faults_deadlock_in_neo4j_is_tried_again(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real one: somebody holds a node that we need, and then asks for one that we hold."""
    with opened_store(configured, tmp_path) as store, _driver(configured) as driver, ThreadPoolExecutor() as threads:
        store.write(FIRST)
        attempts, holding, asked = [], threading.Event(), threading.Event()
        write = storage.write_graph

        async def slow(tx: Any, label: str, update: Any, now: int) -> None:
            attempts.append(1)
            if len(attempts) == 1:
                lock = f"MATCH (n:{label} {{entity_id: $key}}) SET n.held = null"
                await (await tx.run(lock, key="Lyons")).consume()
                holding.set()
                asked.wait(20)
            await write(tx, label, update, now)

        monkeypatch.setattr(storage, "write_graph", slow)
        label = f"`{configured.aegis_workspace}`"
        with driver.session() as session, session.begin_transaction() as theirs:
            theirs.run(f"MATCH (n:{label}) WHERE n.entity_id <> 'Lyons' SET n.held = null").consume()
            ours = threads.submit(store.write, SECOND)
            assert holding.wait(20)
            blocked = threads.submit(_ask, theirs, f"MATCH (n:{label} {{entity_id: 'Lyons'}}) SET n.held = null")
            time.sleep(0.5)
            asked.set()
            blocked.result(30)
        ours.result(60)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)


def _ask(transaction: Any, query: str) -> None:
    try:
        transaction.run(query).consume()
        transaction.rollback()
    except TransientError:
        transaction.close()


@contextmanager
def _driver(configured: Settings) -> Iterator[Any]:
    assert configured.neo4j_password is not None
    auth = (configured.neo4j_username, configured.neo4j_password.get_secret_value())
    with GraphDatabase.driver(configured.neo4j_uri, auth=auth) as driver:
        yield driver


def test_faults_transient_error_in_neo4j_rolls_back_and_repeats(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, attempts = storage.write_graph, []

    async def late(*arguments: Any) -> None:
        attempts.append(1)
        await write(*arguments)
        if len(attempts) < 3:
            raise TransientError("deadlock")

    with opened_store(configured, tmp_path) as store:
        monkeypatch.setattr(storage, "write_graph", late)
        store.write(FIRST)
        assert len(attempts) == 3
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", FIRST)


def test_faults_deadlock_in_postgres_is_tried_again(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a deletion, whose failure LightRAG logs and passes over."""
    for name in ("upsert", "delete"):
        _fail_once(monkeypatch, name)
    with opened_store(configured, tmp_path) as store:
        store.write(FIRST)
        store.write(SECOND)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)
        assert store.counts(SECOND) == expected_counts(SECOND)


def _fail_once(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    call, failed = getattr(AegisPGKVStorage, name), []

    async def fail(self: Any, rows: Any) -> None:
        if rows and not failed:
            failed.append(1)
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        await call(self, rows)

    monkeypatch.setattr(AegisPGKVStorage, name, fail)


async def test_faults_failure_that_lightrag_passes_over_ends_the_write(configured: Settings, tmp_path: Path) -> None:
    """Its deletion of rows logs what goes wrong, and answers as if nothing did."""
    trigger = (
        "CREATE OR REPLACE FUNCTION aegis_refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        f"CREATE TRIGGER refuse BEFORE DELETE ON lightrag_doc_full FOR EACH ROW "
        f"WHEN (OLD.workspace = '{configured.aegis_workspace}') EXECUTE FUNCTION aegis_refuse()",
    )
    with opened_store(configured, tmp_path) as store:
        store.write(FIRST)
        before = plain(store.graph())
        await _each(configured, *trigger)
        try:
            with pytest.raises(GraphError, match="PostgreSQL refuses a row"):
                store.write(SECOND)
        finally:
            await _each(configured, "DROP TRIGGER refuse ON lightrag_doc_full")
        assert plain(store.graph()) == before
        store.write(SECOND)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)


async def _each(configured: Settings, *statements: str) -> None:
    from aegis_pipeline.graph.postgres.database import connected

    async with connected(configured) as connection:
        for statement in statements:
            await connection.execute(statement)


# ── a network that is cut ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [1, 2_000, 6_000, 12_000])
def test_faults_cut_connection_to_neo4j_is_made_again(
    configured: Settings, tmp_path: Path, neo4j_server: Neo4jServer, size: int
) -> None:
    host, port = neo4j_server.uri.removeprefix("bolt://").split(":")
    with cutting_proxy(host, int(port)) as proxy:
        through = configured.model_copy(update={"neo4j_uri": f"bolt://127.0.0.1:{proxy.port}"})
        with opened_store(through, tmp_path) as store:
            store.write(FIRST)
            proxy.cut_after(size)
            store.write(SECOND)
            assert proxy.cuts == 1
            assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)
            assert store.counts(SECOND) == expected_counts(SECOND)


@pytest.mark.parametrize("size", [1, 3_000, 30_000])
def test_faults_cut_connection_to_postgres_is_made_again(
    configured: Settings, tmp_path: Path, own_postgres: ServerProcess[PostgresServer], size: int
) -> None:
    address = own_postgres.address
    with cutting_proxy(address.host, address.port) as proxy:
        own = {"postgres_host": "127.0.0.1", "postgres_port": proxy.port, "postgres_user": address.user}
        through = configured.model_copy(update={**own, "postgres_password": SecretStr(address.password)})
        with opened_store(through, tmp_path) as store:
            store.write(FIRST)
            proxy.cut_after(size)
            store.write(SECOND)
            assert proxy.cuts == 1
            assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)
            assert store.counts(SECOND) == expected_counts(SECOND)


# ── a server that is killed ───────────────────────────────────────────────────────────────────────────────────────────


def _killed_in_a_write(store: ServerGraphStore, server: ServerProcess[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The server dies when the nodes are written and nothing is committed, and is started again."""
    write, dead = storage.write_graph, threading.Event()

    async def die(*arguments: Any) -> None:
        await write(*arguments)
        if not dead.is_set():
            server.kill()
            dead.set()

    monkeypatch.setattr(storage, "write_graph", die)
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(store.write, SECOND)
        assert dead.wait(60)
        server.start()
        writing.result(120)


@pytest.mark.slow
async def test_faults_neo4j_killed_in_the_middle_and_started_again(
    workspace: str,
    tmp_path: Path,
    own_neo4j: ServerProcess[Neo4jServer],
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configured = settings_of(workspace, own_neo4j.address, postgres_server)
    with opened_store(configured, tmp_path) as store:
        store.write(FIRST)
        _killed_in_a_write(store, own_neo4j, monkeypatch)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)
        assert store.counts(SECOND) == expected_counts(SECOND)
    await _nothing_is_double(configured)


@pytest.mark.slow
async def test_faults_postgres_killed_in_the_middle_and_started_again(
    workspace: str,
    tmp_path: Path,
    neo4j_server: Neo4jServer,
    own_postgres: ServerProcess[PostgresServer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configured = settings_of(workspace, neo4j_server, own_postgres.address)
    with opened_store(configured, tmp_path) as store:
        store.write(FIRST)
        _killed_in_a_write(store, own_postgres, monkeypatch)
        assert plain(store.graph()) == embedded_graph(tmp_path / "files", SECOND)
        assert store.counts(SECOND) == expected_counts(SECOND)
    await _nothing_is_double(configured)


# ── a server that is not there ────────────────────────────────────────────────────────────────────────────────────────


def test_faults_missing_server_is_told_before_anything_is_written(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "_ATTEMPTS", 2)
    nowhere = configured.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"})
    with opened_store(nowhere, tmp_path) as store, pytest.raises(ServiceUnavailableError, match="NEO4J_URI"):
        store.write(FIRST)
    with opened_store(configured, tmp_path) as store:
        assert store.last_changes() is None


def test_faults_wrong_password_is_not_tried_again(configured: Settings, tmp_path: Path) -> None:
    wrong = configured.model_copy(update={"postgres_password": SecretStr("wrong"), "postgres_user": "nobody"})
    with opened_store(wrong, tmp_path) as store, pytest.raises(SettingsError, match="POSTGRES") as raised:
        store.write(FIRST)
    assert "wrong" not in str(raised.value)
