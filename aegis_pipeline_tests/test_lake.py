"""The document lake: what is written comes back the same, or is refused."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aegis_pipeline import tables
from aegis_pipeline.errors import LakeError
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.records import (
    Chunk,
    DeadLetter,
    Document,
    DocumentStatus,
    Entity,
    Fingerprint,
    ManifestRow,
    Mention,
    MergeDecision,
    NameVector,
    Outcome,
    PhaseOutcome,
    PlacedFile,
    Rejection,
    Relation,
    Span,
)
from aegis_pipeline.tables import Table

SMALL, LARGE = st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1)
TEXT = st.text(max_size=8) | st.sampled_from(["", "a\x00b", "\r\n", "👩‍👩‍👧", "<SEP>", "\u202e", "null", "\ufffe"])
MAYBE = st.none() | TEXT
FLOAT = st.floats(allow_nan=False)
SPAN = st.builds(Span, LARGE, LARGE)
MENTION = st.builds(Mention, TEXT, TEXT, SMALL, SPAN, TEXT, TEXT, TEXT, TEXT, st.booleans(), TEXT)
FINGERPRINT = st.builds(Fingerprint, TEXT, TEXT)
OUTCOME = st.builds(PhaseOutcome, TEXT, st.sampled_from(Outcome), TEXT)
REJECTION = st.builds(Rejection, TEXT, SMALL)
RECORDS: list[tuple[Table[Any], st.SearchStrategy[Any]]] = [
    (tables.PLACES, st.builds(PlacedFile, TEXT, st.integers(1, 2**31 - 1))),
    (tables.DOCUMENTS, st.builds(Document, TEXT, TEXT, TEXT, TEXT, TEXT)),
    (
        tables.MANIFEST,
        st.builds(
            ManifestRow,
            path=TEXT,
            document_id=TEXT,
            status=st.sampled_from(DocumentStatus),
            error=MAYBE,
            content_hash=MAYBE,
            size_bytes=LARGE,
            format=MAYBE,
            encoding=MAYBE,
            language=MAYBE,
            language_confidence=st.none() | FLOAT,
            characters=LARGE,
        ),
    ),
    (
        tables.CHUNKS,
        st.builds(Chunk, TEXT, TEXT, SMALL, SPAN, TEXT, st.lists(SPAN, max_size=2).map(tuple), TEXT),
    ),
    (tables.MENTIONS, MENTION),
    (tables.CHUNK_FINGERPRINTS, FINGERPRINT),
    (tables.NER_FINGERPRINTS, FINGERPRINT),
    (tables.RELATION_FINGERPRINTS, FINGERPRINT),
    (tables.NAME_VECTORS, st.builds(NameVector, TEXT, TEXT, st.binary(max_size=8))),
    (tables.NER_OUTCOMES, OUTCOME),
    (tables.ENTITY_OUTCOMES, OUTCOME),
    (
        tables.RELATION_OUTCOMES,
        st.builds(PhaseOutcome, TEXT, st.sampled_from(Outcome), TEXT, st.lists(REJECTION, max_size=2).map(tuple)),
    ),
    (
        tables.ENTITIES,
        st.builds(
            Entity,
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            st.lists(TEXT, max_size=2).map(tuple),
            st.lists(MENTION, max_size=2).map(tuple),
            st.booleans(),
        ),
    ),
    (tables.MERGES, st.builds(MergeDecision, TEXT, TEXT, TEXT, TEXT, st.booleans(), TEXT, FLOAT, TEXT)),
    (
        tables.RELATIONS,
        st.builds(
            Relation,
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            MAYBE,
            FLOAT,
            SPAN,
            TEXT,
            TEXT,
            st.lists(SPAN, max_size=2).map(tuple),
        ),
    ),
    (
        tables.DEAD_LETTERS,
        st.builds(DeadLetter, TEXT, TEXT, st.sampled_from(Outcome), TEXT, TEXT, SMALL, TEXT, TEXT),
    ),
]
DOCUMENT = Document("d", "d.txt", "Text.", "h")


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    return DocumentLake(str(tmp_path / "lake"))


def test_lake_every_table_is_tested() -> None:
    written = {table.name for table in vars(tables).values() if isinstance(table, Table)}
    assert {table.name for table, _ in RECORDS} == written


@pytest.mark.parametrize(("table", "records"), RECORDS, ids=lambda value: getattr(value, "name", ""))
def test_lake_gives_back_what_was_written(tmp_path: Path, table: Table[Any], records: st.SearchStrategy[Any]) -> None:
    lake = DocumentLake(str(tmp_path))

    @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(st.lists(records, max_size=3))
    def check(group: list[Any]) -> None:
        lake.write("b", table, group)
        assert lake.read("b", table) == tuple(group)

    check()


def test_lake_replaces_a_table_whole(lake: DocumentLake) -> None:
    for records in ([DOCUMENT, DOCUMENT], [DOCUMENT], []):
        lake.write("b", tables.DOCUMENTS, records)
        assert lake.read("b", tables.DOCUMENTS) == tuple(records)
    assert [path.name for path in (lake.root / "b").iterdir()] == ["documents.parquet"]


def test_lake_failed_write_keeps_the_old_table(lake: DocumentLake) -> None:
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    with pytest.raises(UnicodeEncodeError):
        lake.write("b", tables.DOCUMENTS, [Document("d", "\ud800", "", "")])
    assert lake.read("b", tables.DOCUMENTS) == (DOCUMENT,)


def test_lake_missing_table_says_what_to_do(lake: DocumentLake) -> None:
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    assert lake.has("b", tables.DOCUMENTS)
    assert not lake.has("b", tables.CHUNKS)
    with pytest.raises(LakeError, match=r"'b' has no chunks .* `aegis run FOLDER`"):
        lake.read("b", tables.CHUNKS)


@pytest.mark.parametrize(
    "column",
    [
        {"status": pa.array(["lost"])},
        {"path": pa.array([None], pa.string())},
        {"size_bytes": pa.array(["many"])},
    ],
    ids=lambda column: next(iter(column)),
)
def test_lake_table_changed_by_hand_is_refused(lake: DocumentLake, column: dict[str, pa.Array]) -> None:
    lake.write("b", tables.MANIFEST, [ManifestRow("p", "d", DocumentStatus.PARSED)])
    path = str(lake.path("b", tables.MANIFEST))
    stored = pq.read_table(path)
    for name, values in column.items():
        stored = stored.set_column(stored.column_names.index(name), name, values)
    pq.write_table(stored, path)
    with pytest.raises(LakeError, match=r"(?s)does not hold manifest.*Run the phase again"):
        lake.read("b", tables.MANIFEST)


def test_lake_table_without_a_column_is_refused(lake: DocumentLake) -> None:
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    path = str(lake.path("b", tables.DOCUMENTS))
    pq.write_table(pq.read_table(path).drop_columns(["text"]), path)
    with pytest.raises(LakeError, match="text"):
        lake.read("b", tables.DOCUMENTS)


def test_lake_cut_file_is_refused(lake: DocumentLake) -> None:
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    path = lake.path("b", tables.DOCUMENTS)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(LakeError, match="documents"):
        lake.read("b", tables.DOCUMENTS)


def outcomes(*documents: str, detail: str = "") -> list[PhaseOutcome]:
    return [PhaseOutcome(document, Outcome.OK, detail) for document in documents]


def test_lake_rewrite_keeps_rows_in_the_order_of_documents(lake: DocumentLake) -> None:
    lake.write("b", tables.NER_OUTCOMES, outcomes("z", "a", "gone", "a", detail="old"))
    lake.rewrite(
        "b", tables.NER_OUTCOMES, outcomes("m", "y", detail="new"), kept=["z", "a"], order=["y", "z", "m", "a"]
    )
    found = [(outcome.document_id, outcome.detail) for outcome in lake.read("b", tables.NER_OUTCOMES)]
    assert found == [("y", "new"), ("z", "old"), ("m", "new"), ("a", "old"), ("a", "old")]


def test_lake_rewrite_keeps_no_document_that_is_not_in_the_order(lake: DocumentLake) -> None:
    lake.write("b", tables.NER_OUTCOMES, outcomes("a", "b"))
    lake.rewrite("b", tables.NER_OUTCOMES, [], kept=["a", "b"], order=["b"])
    assert lake.read("b", tables.NER_OUTCOMES) == tuple(outcomes("b"))


def test_lake_rewrite_gives_back_nested_rows(lake: DocumentLake) -> None:
    sentences = (Span(0, 1), Span(1, 2))
    chunks = [Chunk("c", document, 0, Span(0, 2), "ab", sentences) for document in ("a", "b")]
    lake.write("b", tables.CHUNKS, chunks)
    lake.rewrite("b", tables.CHUNKS, [], kept=["b"], order=["b"])
    assert lake.read("b", tables.CHUNKS) == (chunks[1],)


def test_lake_rewrite_refuses_a_table_of_other_columns(lake: DocumentLake) -> None:
    lake.write("b", tables.NER_OUTCOMES, outcomes("a"))
    lake.path("b", tables.NER_OUTCOMES).rename(lake.path("b", tables.MENTIONS))
    with pytest.raises(LakeError, match="does not hold mentions"):
        lake.rewrite("b", tables.MENTIONS, [], kept=["a"], order=["a"])


def test_lake_reads_the_rows_of_some_documents(lake: DocumentLake) -> None:
    lake.write("b", tables.NER_OUTCOMES, outcomes("a", "b", "c"))
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    assert lake.read("b", tables.NER_OUTCOMES, ["c", "a", "x"]) == tuple(outcomes("a", "c"))
    assert lake.read("b", tables.NER_OUTCOMES, []) == ()
    assert lake.read("b", tables.DOCUMENTS, [DOCUMENT.id]) == (DOCUMENT,)


def test_lake_reads_one_column(lake: DocumentLake) -> None:
    lake.write("b", tables.DOCUMENTS, [DOCUMENT, DOCUMENT])
    assert lake.column("b", tables.DOCUMENTS, "path") == ["d.txt", "d.txt"]
    with pytest.raises(LakeError, match="does not hold documents"):
        lake.column("b", tables.DOCUMENTS, "colour")


def test_lake_batches_are_those_that_were_read(lake: DocumentLake) -> None:
    assert lake.batches() == []
    assert lake.origin("b") == {}
    lake.bind("b", "/some/ü\udcff")
    lake.bind("a", "/other")
    (lake.root / "stray").mkdir()
    assert lake.batches() == ["a", "b"]
    assert lake.origin("b") == {"folder": "/some/ü\udcff", "reading": ""}


def test_lake_removes_a_batch_but_for_what_it_is_told_to_keep(lake: DocumentLake) -> None:
    lake.bind("b", "/folder")
    lake.write("b", tables.DOCUMENTS, [DOCUMENT])
    lake.write("b", tables.PLACES, [PlacedFile("d.txt", 1)])
    (lake.root / "b" / ".chunks.parquet").touch()  # what a killed write has left
    (lake.root / "b" / "notes.txt").touch()  # what is not the lake's own
    assert lake.remove("b", keep=[tables.PLACES]) == 3
    assert (lake.batches(), lake.has("b", tables.PLACES)) == ([], True)
    assert lake.remove("b") == 1
    assert [path.name for path in (lake.root / "b").iterdir()] == ["notes.txt"]
    assert lake.remove("b") == lake.remove("never") == 0


def test_lake_lies_on_any_path_that_fsspec_knows() -> None:
    lake = DocumentLake("memory://test-lake")
    try:
        for records in ([DOCUMENT], [DOCUMENT, DOCUMENT]):
            lake.bind("b", "/folder")
            lake.write("b", tables.DOCUMENTS, records)
            assert lake.read("b", tables.DOCUMENTS) == tuple(records)
        assert lake.batches() == ["b"]
        assert not lake.has("b", tables.CHUNKS)
        assert lake.remove("b") == 2
        assert lake.batches() == []
    finally:
        lake.root.fs.rm("/test-lake", recursive=True)


def test_what_another_process_writes_is_read(tmp_path: Path) -> None:
    """A lake keeps what it wrote last, but not beyond the file."""
    lake, batch = DocumentLake(str(tmp_path)), "b"
    lake.write(batch, tables.NER_OUTCOMES, [PhaseOutcome("d1", Outcome.OK)])
    assert lake.read(batch, tables.NER_OUTCOMES) == (PhaseOutcome("d1", Outcome.OK),)
    other = pa.Table.from_pylist(
        [{"document_id": "another", "outcome": "ok", "detail": "of another process"}],
        schema=tables.NER_OUTCOMES.schema,
    )
    pq.write_table(other, lake.path(batch, tables.NER_OUTCOMES))
    assert lake.read(batch, tables.NER_OUTCOMES) == (PhaseOutcome("another", Outcome.OK, "of another process"),)


def test_a_table_that_was_removed_is_not_read(tmp_path: Path) -> None:
    lake, batch = DocumentLake(str(tmp_path)), "b"
    lake.write(batch, tables.NER_OUTCOMES, [PhaseOutcome("d1", Outcome.OK)])
    lake.path(batch, tables.NER_OUTCOMES).unlink()
    with pytest.raises(LakeError):
        lake.read(batch, tables.NER_OUTCOMES)
