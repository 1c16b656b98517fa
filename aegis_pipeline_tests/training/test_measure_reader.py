"""Figures are of documents that a reader has not seen: the script that measures it refuses others."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.reader.files import DataFile, Manifest, Training

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("measure_reader")


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    return path


def _manifest(gold: Path) -> Manifest:
    data = DataFile(name=gold.name, sha256=sha256_of(gold))
    training = Training(version="0", data=data, train="0-449", tune="450-499", folds=2, seed=1)
    return Manifest(sha256={}, properties=(), margin=0, slope=1, offset=0, training=training)


@pytest.mark.parametrize(
    ("documents", "message"),
    [("400-499", "learned from 0-449"), ("449-449", "learned from 0-449"), ("450-600", "was tuned on 450-499")],
)
def test_documents_that_were_seen_are_refused(script: ModuleType, gold: Path, documents: str, message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        script.refuse_seen(_manifest(gold), gold, documents)


def test_documents_that_were_not_seen_are_measured(script: ModuleType, gold: Path) -> None:
    script.refuse_seen(_manifest(gold), gold, "500-599")


def test_another_file_is_refused(script: ModuleType, gold: Path) -> None:
    manifest = _manifest(gold)
    gold.write_text("{}\n{}\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="name that file"):
        script.refuse_seen(manifest, gold, "500-599")
