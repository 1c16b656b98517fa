"""The audit and the rebuild as commands and as Dagster's jobs, on two batches. Models are fakes."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from aegis_pipeline import definitions
from aegis_pipeline.cli.main import app
from aegis_pipeline.defs.launch import run_batch
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.defs.resources import EncoderResource, NerModelResource, RelationExtractorResource
from aegis_pipeline.defs.summaries import RunSummary
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.pipeline import rebuild
from aegis_pipeline.pipeline.kept import PhaseUpdate
from aegis_pipeline.pipeline.stores import document_lake, graph_root
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.defs.stored_state import stored_state
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.phases import FakeMentionExtractor, FakeRelationExtractor

pytestmark = pytest.mark.dagster

TEXTS = {"one": "Tom Kilburn met Geoff Tootill in Manchester.", "two": "Maurice Wilkes built EDSAC in Cambridge."}


def at_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    """``home`` as AEGIS_HOME, and fakes in the place of models."""
    patch.setenv("AEGIS_HOME", str(home))
    patch.setenv("DAGSTER_HOME", str(home / "dagster"))
    patch.setattr(EncoderResource, "encoder", lambda *_: FakeEncoder())
    patch.setattr(NerModelResource, "extractor", lambda *_: FakeMentionExtractor())
    patch.setattr(RelationExtractorResource, "extractor", lambda *_: FakeRelationExtractor())
    settings.cache_clear()
    importlib.reload(definitions)  # the resources' defaults are those of this home


@pytest.fixture(scope="module", autouse=True)
def _definitions_as_they_were() -> Iterator[None]:
    yield
    settings.cache_clear()
    importlib.reload(definitions)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A home in which two folders have been run, and the folders."""
    home, folders = tmp_path_factory.mktemp("base"), [tmp_path_factory.mktemp("documents") / name for name in TEXTS]
    with pytest.MonkeyPatch.context() as patch:
        at_home(patch, home)
        for folder in folders:
            folder.mkdir()
            (folder / "a.txt").write_text(TEXTS[folder.name])
            assert (summary := process(folder)).success, (summary.error, summary.gates)
    return home, folders


@pytest.fixture
def folders(base: tuple[Path, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders, and a copy of the home for one test."""
    shutil.copytree(base[0], tmp_path / "home")
    at_home(monkeypatch, tmp_path / "home")
    return base[1]


def process(folder: Path) -> RunSummary:
    return run_batch(batch_key(folder), folder, settings())


def command(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def state() -> dict[str, dict[str, str]]:
    return {batch: stored_state(settings(), batch) for batch in document_lake(settings()).batches()}


def generation() -> str | None:
    return Generations(graph_root(settings())).current


def computed(instance: dg.DagsterInstance) -> list[Any]:
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey("relations"))
    records = instance.fetch_materializations(wanted, limit=10).records
    return [
        r.asset_materialization.metadata["aegis/documents/computed"].value for r in records if r.asset_materialization
    ]


def test_rebuild_of_the_same_documents_is_the_same_graph(folders: list[Path]) -> None:
    before, place = state(), generation()
    result = command("rebuild")
    assert result.exit_code == 0, result.output
    assert "from 2 batch(es)" in result.output
    assert state() == before
    assert generation() != place
    with dg.DagsterInstance.get() as instance:
        assert computed(instance)[:2] == [1, 1]
    assert "No fault found" in command("audit").output


def test_rebuild_goes_on_where_it_was_killed(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    before, place, written, forgotten = state(), generation(), [], []
    write, forget = PhaseUpdate.write, rebuild._forget

    def die_in_the_second_batch(self: PhaseUpdate, *rows: Any) -> None:
        written.append(self.batch)
        if len(set(written)) == 2:
            raise KeyboardInterrupt
        write(self, *rows)

    with monkeypatch.context() as patch:
        patch.setattr(PhaseUpdate, "write", die_in_the_second_batch)
        command("rebuild")
    assert generation() == place
    monkeypatch.setattr(rebuild, "_forget", lambda lake, batch: forgotten.append(batch) or forget(lake, batch))
    assert command("rebuild").exit_code == 0
    assert forgotten == []
    with dg.DagsterInstance.get() as instance:
        assert sorted(computed(instance)[:2]) == [0, 1]
    assert state() == before


def test_rebuild_of_a_batch_that_cannot_be_read_leaves_the_graph(folders: list[Path]) -> None:
    place = generation()
    shutil.move(folders[0], folders[0].with_name("away"))
    result = command("rebuild")
    assert result.exit_code == 1
    assert "1 batch(es) did not get through: one-" in result.output
    assert generation() == place
    shutil.move(folders[0].with_name("away"), folders[0])
    assert command("rebuild").exit_code == 0


def test_audit_repairs_and_tells(folders: list[Path]) -> None:
    before = state()
    (Path(graph_root(settings())) / str(generation()) / "vdb_entities.json").unlink()
    told = command("audit", "--no-repair")
    assert told.exit_code == 1
    assert "Not repaired: missing_rows" in told.output
    repaired = command("audit")
    assert repaired.exit_code == 0, repaired.output
    assert "missing_rows" in repaired.output
    assert "No fault found" in command("audit").output
    assert state() == before
    with dg.DagsterInstance.get() as instance:
        (observed,) = instance.fetch_observations(dg.AssetKey("knowledge_graph"), limit=1).records
    assert observed.asset_observation.metadata["aegis/audit/missing_rows"].value == 0


def test_audit_of_a_graph_that_cannot_be_read_says_why(folders: list[Path]) -> None:
    (corpus,) = (Path(graph_root(settings())) / str(generation())).glob("aegis_contributions*")
    corpus.unlink()
    result = command("audit")
    assert result.exit_code == 1
    assert "is no graph of this version" in result.output
