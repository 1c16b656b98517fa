"""The manifest with what each phase found; what did not run is None, not zero."""

from pathlib import Path

import pytest

from aegis_pipeline import tables
from aegis_pipeline.errors import LakeError
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.overview import manifest_rows
from aegis_pipeline.records import DeadLetter, DocumentStatus, ManifestRow, Outcome
from aegis_pipeline_tests.pipeline.records import CHUNKS, ENTITIES, MENTIONS, RELATIONS

MANIFEST = [
    ManifestRow("2.txt", "d2", DocumentStatus.PARSED, content_hash="h2"),
    ManifestRow("1.txt", "d1", DocumentStatus.PARSED, content_hash="h1", characters=22),
    ManifestRow("0.pdf", "d0", DocumentStatus.ENCRYPTED, error="it has a password"),
]


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    lake = DocumentLake(str(tmp_path))
    lake.write("b", tables.MANIFEST, MANIFEST)
    return lake


def test_overview_before_the_phases(lake: DocumentLake) -> None:
    rows = list(manifest_rows(lake, "b"))
    assert [(row["path"], row["status"], row["error"], row["hash"]) for row in rows] == [
        ("0.pdf", "encrypted", "it has a password", None),
        ("1.txt", "parsed", None, "h1"),
        ("2.txt", "parsed", None, "h2"),
    ]
    counts = ("chunks", "mentions", "entities", "relations", "dead_letters")
    assert {row[name] for row in rows for name in counts} == {None}


def test_overview_counts_what_each_phase_found(lake: DocumentLake) -> None:
    lake.write("b", tables.CHUNKS, CHUNKS)
    lake.write("b", tables.MENTIONS, MENTIONS)
    lake.write("b", tables.ENTITIES, ENTITIES)
    lake.write("b", tables.RELATIONS, RELATIONS)
    rows = [[row[n] for n in ("chunks", "mentions", "entities", "relations")] for row in manifest_rows(lake, "b")]
    assert rows == [[0, 0, 0, 0], [1, 3, 3, 1], [1, 0, 0, 0]]


def test_overview_counts_what_an_llm_lost(lake: DocumentLake) -> None:
    letter = DeadLetter("d2", "d2-chunk-000", Outcome.MALFORMED, "malformed", "no JSON", 3, "hash")
    lake.write("b", tables.DEAD_LETTERS, [letter])
    assert lake.read("b", tables.DEAD_LETTERS) == (letter,)
    assert [row["dead_letters"] for row in manifest_rows(lake, "b")] == [0, 0, 1]


def test_overview_of_an_unknown_batch(lake: DocumentLake) -> None:
    with pytest.raises(LakeError, match="'other' has no manifest"):
        list(manifest_rows(lake, "other"))
