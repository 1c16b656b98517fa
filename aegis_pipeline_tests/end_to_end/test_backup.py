"""What docs/OPERATIONS.md says of backups, with the page's own commands. Models are fakes."""

import asyncio
import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
from typer.testing import CliRunner

from aegis_pipeline import definitions
from aegis_pipeline.cli.main import app
from aegis_pipeline.defs.launch import run_batch
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.defs.resources import EncoderResource, NerModelResource, RelationExtractorResource
from aegis_pipeline.defs.summaries import RunSummary
from aegis_pipeline.pipeline.stores import graph_root
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.defs.stored_state import stored_state
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.phases import FakeMentionExtractor, FakeRelationExtractor
from aegis_pipeline_tests.graph.served_worlds import run_cypher
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.postgres_recipe import binaries
from aegis_pipeline_tests.servers.process import ServerProcess

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "OPERATIONS.md"
TEXTS = {
    "kilburn.txt": "Tom Kilburn met Geoff Tootill in Manchester.",
    "wilkes.txt": "Maurice Wilkes built EDSAC in Cambridge.",
}

pytestmark = pytest.mark.dagster


def follow(name: str, environment: dict[str, str]) -> None:
    """Run the page's block of that name, with ``environment`` beside ours."""
    block = re.search(rf"<!-- {name} -->\n```console\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None, f"{PAGE} has no block {name!r}"
    done = subprocess.run(
        ["bash", "-ec", block[1]], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{block[1]}\n{done.stdout}{done.stderr}"


@dataclass(frozen=True)
class World:
    """A folder of documents, and homes that may be moved while the folder stays."""

    root: Path
    patch: pytest.MonkeyPatch

    @property
    def folder(self) -> Path:
        return self.root / "documents"

    @property
    def batch(self) -> str:
        return batch_key(self.folder)

    def use(self, home: Path, **environment: str) -> None:
        """``home`` is AEGIS_HOME from now on."""
        for name, value in {"AEGIS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), **environment}.items():
            self.patch.setenv(name, value)
        settings.cache_clear()
        importlib.reload(definitions)  # the resources' defaults are those of this home

    def run(self) -> RunSummary:
        summary = run_batch(self.batch, self.folder, settings())
        assert summary.success, (summary.error, summary.gates)
        return summary

    def state(self) -> dict[str, str]:
        return stored_state(settings(), self.batch)

    def run_changes_nothing(self) -> bool:
        """Whether a run finds every document as it was, in the lake and in the graph."""
        assets = self.run().assets
        computed = [assets[key]["aegis/documents/computed"] for key in ("raw_documents", "ner_entities", "relations")]
        unchanged = assets["knowledge_graph"]["aegis/documents/unchanged"]
        return computed == [0, 0, 0] and unchanged == len(TEXTS)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Documents, and a home that nothing was done in yet."""
    monkeypatch.setattr(EncoderResource, "encoder", lambda *_: FakeEncoder())
    monkeypatch.setattr(NerModelResource, "extractor", lambda *_: FakeMentionExtractor())
    monkeypatch.setattr(RelationExtractorResource, "extractor", lambda *_: FakeRelationExtractor())
    with monkeypatch.context() as patch:
        made = World(tmp_path, patch)
        made.folder.mkdir()
        for name, text in TEXTS.items():
            (made.folder / name).write_text(text, encoding="utf-8")
        made.use(tmp_path / "home")
        yield made
    settings.cache_clear()
    importlib.reload(definitions)


def audit() -> str:
    """What ``aegis audit`` prints, where nothing is left to repair."""
    result = CliRunner().invoke(app, ["audit"])
    assert result.exit_code == 0, result.output
    return result.output


def history() -> tuple[set[str], set[str]]:
    """The runs that Dagster knows, and the gates that it has a result of."""
    with dg.DagsterInstance.get() as instance:
        checks = [asset.check_specs_by_output_name.values() for asset in definitions.defs.asset_checks or ()]
        keys = [spec.key for specs in checks for spec in specs]
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
        return {run.run_id for run in instance.get_runs()}, {key.name for key in latest}


def test_home_is_archived_and_restored_to_another_place(world: World) -> None:
    world.run()
    state, known = world.state(), history()
    backup = {"BACKUP": str(world.root)}
    follow("archive the home", backup)
    shutil.rmtree(world.root / "home")
    world.use(world.root / "restored")
    follow("restore the home", backup)
    assert world.state() == state
    assert history() == known
    assert "graph_counts_match" in known[1]
    assert "No fault found" in audit()
    assert world.run_changes_nothing()
    assert not (world.root / "home").exists()


def test_lost_graph_is_written_again_from_the_lake(world: World) -> None:
    world.run()
    state = world.state()
    shutil.rmtree(graph_root(settings()))
    assert "missing_batch" in audit()
    assert world.state() == state
    assert world.run_changes_nothing()


@pytest.mark.neo4j
@pytest.mark.postgres
def test_graph_of_lost_servers_is_written_again_from_the_lake(
    world: World, workspace: str, neo4j_server: Neo4jServer, postgres_server: PostgresServer
) -> None:
    """Another workspace is to us what empty servers are; then Neo4j alone loses everything."""
    addresses = {**neo4j_server.environment(), **postgres_server.environment(), "AEGIS_PROFILE": "production"}
    world.use(world.root / "home", AEGIS_WORKSPACE=workspace, **addresses)
    world.run()
    state = world.state()
    world.use(world.root / "home", AEGIS_WORKSPACE=f"{workspace}_new")
    assert "missing_batch" in audit()
    assert world.state() == state
    everything = "MATCH (n) WHERE $w IN labels(n) OR n.workspace = $w DETACH DELETE n"
    asyncio.run(run_cypher(settings(), everything, w=f"{workspace}_new"))
    assert "missing_rows" in audit()
    assert world.state() == state
    assert world.run_changes_nothing()


@pytest.mark.postgres
def test_databases_are_dumped_and_restored_under_other_names(
    world: World, own_postgres: ServerProcess[PostgresServer]
) -> None:
    """The instance's, and the graph's with nodes and edges in files."""
    backup = {"BACKUP": str(world.root), "PATH": f"{binaries()}{os.pathsep}{os.environ['PATH']}"}
    for database in ("dagster", "graph"):
        with_sql(own_postgres.address, f"CREATE DATABASE {database}")
    serve(world, own_postgres.address, "dagster", "graph")
    world.run()
    known = history()
    follow("dump the databases", backup)
    for database in ("dagster", "graph"):
        with_sql(own_postgres.address, f"DROP DATABASE {database} WITH (FORCE)")
    serve(world, own_postgres.address, "restored_dagster", "restored_graph")
    follow("restore the databases", backup)
    assert history() == known
    assert "No fault found" in audit()
    assert world.run_changes_nothing()


def serve(world: World, server: PostgresServer, instance: str, graph: str) -> None:
    """Have Dagster's history and the graph's rows in these databases."""
    ours = {
        "AEGIS_PROFILE": "production",
        "GRAPH_STORAGE": "files",
        **server.environment(),
        "POSTGRES_DATABASE": graph,
        "DAGSTER_POSTGRES_HOST": server.host,
        "DAGSTER_POSTGRES_PORT": str(server.port),
        "DAGSTER_POSTGRES_USER": server.user,
        "DAGSTER_POSTGRES_PASSWORD": server.password,
        "DAGSTER_POSTGRES_DB": instance,
        "DAGSTER_COMPUTE_LOGS": str(world.root / "compute_logs"),
    }
    (world.root / "home" / "dagster").mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "deploy" / "dagster.yaml", world.root / "home" / "dagster")
    world.use(world.root / "home", **ours)


def with_sql(server: PostgresServer, statement: str) -> None:
    """A statement outside of any transaction."""
    connection = psycopg2.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, dbname=server.database
    )
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()
