"""A folder's partition key: accepted by Dagster whatever the folder is called, and the folder's own."""

import os
import re
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from aegis_pipeline.defs.partitions import batch_key, document_batches


@pytest.mark.parametrize(
    "name", ["reports", "a...b", "tab\there", "new\nline", "ünïcode 文", "-rf", "x" * 200, os.fsdecode(b"\xff\xfe")]
)
def test_batch_key_is_accepted_by_dagster(name: str, tmp_path: Path) -> None:
    key = batch_key(tmp_path / name)
    with DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(document_batches.name), [key])
        assert instance.get_dynamic_partitions(str(document_batches.name)) == [key]
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,60}", key)


def test_batch_key_tells_folders_of_one_name_apart(tmp_path: Path) -> None:
    assert batch_key(tmp_path / "a" / "docs") != batch_key(tmp_path / "b" / "docs")


def test_batch_key_is_the_same_for_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert batch_key(Path("docs")) == batch_key(tmp_path / "docs")


def test_document_batches_are_dynamic() -> None:
    assert isinstance(document_batches, dg.DynamicPartitionsDefinition)
