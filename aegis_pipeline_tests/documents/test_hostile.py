"""Hostile files: each ends in the manifest with a status that is right for it, and harms no other."""

import json
from pathlib import Path

import pytest

from aegis_pipeline.documents import chunk_documents, original_path
from aegis_pipeline.records import DocumentStatus, FolderContents, ManifestRow
from aegis_pipeline_tests.documents import hostile
from aegis_pipeline_tests.documents.conftest import GOOD


@pytest.fixture(scope="session")
def rows(hostile_contents: FolderContents) -> dict[str, ManifestRow]:
    return {original_path(row.path): row for row in hostile_contents.manifest}


@pytest.mark.parametrize("name", hostile.FILES)
def test_hostile_file_has_right_status(rows: dict[str, ManifestRow], name: str) -> None:
    row = rows[name]
    assert row.status in hostile.FILES[name][1], row
    assert (row.error is None) == (row.status is DocumentStatus.PARSED)
    json.dumps(row.path + (row.error or "")).encode("utf-8")


def test_hostile_folder_has_one_row_a_file_and_an_unharmed_document(
    hostile_contents: FolderContents, rows: dict[str, ManifestRow]
) -> None:
    assert len(hostile_contents.manifest) == len(rows) == len(hostile.FILES) + 1
    assert next(d.text for d in hostile_contents.documents if d.path == GOOD) == hostile.ENGLISH


def test_hostile_folder_rows_are_in_order_of_the_names(hostile_contents: FolderContents) -> None:
    names = [original_path(row.path).encode("utf-8") for row in hostile_contents.manifest]
    assert names == sorted(names)


def test_hostile_texts_run_nothing(hostile_contents: FolderContents, hostile_folder: Path) -> None:
    texts = {document.path: document.text for document in hostile_contents.documents}
    assert texts["formula.txt"].startswith("=cmd|'/C calc'!A0")
    assert texts["cypher.txt"].startswith("'}) DETACH DELETE n")
    assert "fetch" not in texts["script.html"]
    assert not {path.name for path in hostile_folder.iterdir()} & {"x", "y", "z"}


def test_hostile_texts_become_chunks_within_the_limit(hostile_contents: FolderContents) -> None:
    """Also texts of millions of characters without a full stop or a space: quadratic time would not end."""
    chunks = chunk_documents(hostile_contents.documents, lambda texts: [2 + len(t.split()) for t in texts], 256)
    assert max(len(chunk.text.split()) for chunk in chunks) <= 254
    assert max(len(chunk.text) for chunk in chunks) <= 256 * 16
