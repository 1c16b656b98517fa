"""``aegis changes`` from the outside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis_pipeline import settings as module
from aegis_pipeline.cli.main import app
from aegis_pipeline.graph import EmbeddedGraphStore
from aegis_pipeline_tests.graph.worlds import ENCODER, batch


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedGraphStore]:
    monkeypatch.setenv("AEGIS_HOME", str(tmp_path / "home"))
    module.settings.cache_clear()
    yield EmbeddedGraphStore(tmp_path / "home" / "graph", ENCODER, 10)
    module.settings.cache_clear()


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["changes", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_changes_are_a_table(store: EmbeddedGraphStore) -> None:
    store.write(batch("docs", {"a": "Lyons employs EDSAC."}))
    store.write(batch("docs", {"a\nb": "Lyons employs Cambridge."}))
    lines = printed().splitlines()
    assert lines[0].startswith("batch docs, written 20")
    assert lines[0].endswith(
        "documents 1 added, 1 removed; entities 1 added, 1 changed, 1 removed; relations 1 added, 1 removed"
    )
    rows = [line.split() for line in lines[1:]]
    assert rows[0] == ["what", "change", "name", "details"]
    assert ["document", "removed", "a"] in rows
    assert ["entity", "added", "Cambridge", "place"] in rows
    assert ["relation", "removed", "Lyons", ">", "employer", ">", "EDSAC", "a"] in rows
    assert ["document", "added", "a\\x0ab"] in rows


def test_changes_as_json_have_every_field(store: EmbeddedGraphStore) -> None:
    store.write(batch("docs", {"a": "Lyons employs EDSAC."}))
    found = json.loads(printed("--format", "json"))
    assert found.keys() == {"batch", "time", "documents", "entities", "statements"}
    assert found["entities"][0] == {"kind": "added", "key": "EDSAC", "name": "EDSAC", "type": "product", "details": []}


def test_changes_of_a_run_that_changed_nothing(store: EmbeddedGraphStore) -> None:
    for _ in range(2):
        store.write(batch("docs", {"a": "Lyons employs EDSAC."}))
    (line,) = printed().splitlines()
    assert line.startswith("batch docs, written 20")
    assert line.endswith("nothing changed")
