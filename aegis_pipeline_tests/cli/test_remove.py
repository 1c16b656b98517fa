"""``aegis run`` on a large folder, and ``aegis remove``: which batches, in which order, and what they print."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis_pipeline.cli.main import app
from aegis_pipeline.defs import launch
from aegis_pipeline.defs.summaries import RemovalSummary, RunSummary
from aegis_pipeline.errors import InputError
from aegis_pipeline.inbox import batch_key
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.settings import Settings, settings

pytestmark = pytest.mark.dagster


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A home of its own; the batches that are run, and with ``-`` those that are removed. ``…-s2`` fails."""
    made: list[str] = []

    def run(batch: str, folder: Path, configured: Settings) -> RunSummary:
        made.append(batch)
        return RunSummary(batch, "r", "c", not batch.endswith("-s2"), {}, (), None)

    def remove(batch: str, configured: Settings) -> RemovalSummary:
        made.append(f"-{batch}")
        counts = dict.fromkeys(("documents", "legacy_documents", "files"), 1_200)
        return RemovalSummary(batch, "r", True, {f"aegis/removed/{name}": n for name, n in counts.items()}, None)

    monkeypatch.setattr(launch, "run_batch", run)
    monkeypatch.setattr(launch, "remove_batch", remove)
    monkeypatch.setenv("AEGIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home/dagster"))
    monkeypatch.setenv("MAX_BATCH_DOCUMENTS", "2")
    settings.cache_clear()
    yield made
    settings.cache_clear()


def test_run_takes_all_batches_of_a_large_folder(calls: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").touch()
    key = batch_key(folder)
    result = CliRunner().invoke(app, ["run", str(folder)])
    assert calls == [key, f"{key}-s2", f"{key}-s3"]
    assert result.exit_code == 1
    assert result.output.count("batch: ") == 3
    document_lake(settings()).bind(f"{key}-s3", "was read")
    (folder / "4.txt").unlink()
    calls.clear()
    CliRunner().invoke(app, ["run", str(folder)])
    assert calls == [key, f"{key}-s2", f"-{key}-s3"]


def test_run_of_an_empty_folder_is_one_batch(calls: list[str], tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    assert CliRunner().invoke(app, ["run", str(tmp_path / "documents")]).exit_code == 0
    assert calls == [batch_key(tmp_path / "documents")]


def test_remove_takes_batches_that_there_are(calls: list[str]) -> None:
    for batch in ("a", "b"):
        document_lake(settings()).bind(batch, "folder")
    result = CliRunner().invoke(app, ["remove", "a", "b"])
    assert (calls, result.exit_code) == (["-a", "-b"], 0)
    assert "b: 1,200 document(s) left the graph, 1,200 LightRAG's own, 1,200 file(s) left the lake" in result.output
    with pytest.raises(InputError, match="no batch 'c'; there are: a, b"):
        CliRunner().invoke(app, ["remove", "a", "c"], catch_exceptions=False)
    assert calls == ["-a", "-b"]
