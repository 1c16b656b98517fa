"""What is known of a batch before it is read again."""

from pathlib import Path

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.batches import known_of
from aegis_pipeline.records import Document, DocumentStatus, ManifestRow

DOCUMENT = Document("d", "d.txt", "Text.", "hash")
ROW = ManifestRow("d.txt", "d", DocumentStatus.PARSED, content_hash="hash")


def read(lake: DocumentLake, row: ManifestRow) -> None:
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    lake.write("b", tables.MANIFEST, [row])


def test_batches_know_what_was_read_in_the_same_way(tmp_path: Path) -> None:
    lake = DocumentLake(str(tmp_path))
    assert known_of(lake, "b", "way") == {}
    read(lake, ROW)
    lake.bind("b", "folder", "way")
    assert known_of(lake, "b", "way") == {"d": (ROW, DOCUMENT)}
    assert known_of(lake, "b", "another way") == {}


def test_batches_know_nothing_while_they_are_being_read(tmp_path: Path) -> None:
    lake = DocumentLake(str(tmp_path))
    read(lake, ROW)
    lake.bind("b", "folder")
    assert known_of(lake, "b", "way") == {}


def test_batches_do_not_know_a_document_whose_row_is_of_other_bytes(tmp_path: Path) -> None:
    lake = DocumentLake(str(tmp_path))
    read(lake, ManifestRow("d.txt", "d", DocumentStatus.PARSED, content_hash="other"))
    lake.bind("b", "folder", "way")
    assert known_of(lake, "b", "way") == {}
