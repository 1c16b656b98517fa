"""The graph against the lake: a fault of each kind is found, mended, and leaves what an undisturbed graph has."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aegis_pipeline import tables
from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.graph import EmbeddedGraphStore
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.audit import AuditReport, Kind, audit_graph
from aegis_pipeline.pipeline.batches import contribution_of, note_accepted
from aegis_pipeline.pipeline.graph_pipeline import LIBRARY_BATCH
from aegis_pipeline.records import Document
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.test_audit import FAULTS
from aegis_pipeline_tests.graph.test_life import rows
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, entities_and_relations, text

Fault = Callable[[DocumentLake, EmbeddedGraphStore], None]
SCHEMA = load_schema()


def read_into(lake: DocumentLake, name: str, texts: dict[str, str]) -> None:
    """What the phases make of the documents."""
    documents = [Document(f"doc-{name}-{path}", path, content, "hash") for path, content in texts.items()]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks)
    lake.bind(name, f"/{name}")
    lake.write(name, tables.DOCUMENTS, documents)
    lake.write(name, tables.CHUNKS, chunks)
    lake.write(name, tables.ENTITIES, entities)
    lake.write(name, tables.RELATIONS, relations)


def accept(lake: DocumentLake, store: EmbeddedGraphStore, name: str) -> None:
    """What the graph and its gate make of them."""
    store.write(contribution_of(lake, name, SCHEMA))
    note_accepted(lake, name)


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    found = DocumentLake(str(tmp_path / "lake"))
    read_into(found, "a", {"v": text(9)})
    read_into(found, "b", {"x": text(1), "y": text(2)})
    return found


@pytest.fixture
def store(tmp_path: Path, lake: DocumentLake) -> EmbeddedGraphStore:
    found = EmbeddedGraphStore(tmp_path / "graph", ENCODER, 10)
    for name in ("a", "b"):
        accept(lake, found, name)
    return found


def audit(lake: DocumentLake, store: EmbeddedGraphStore, *, repair: bool = True) -> AuditReport:
    return audit_graph(lake, store, SCHEMA, repair=repair)


def kinds(report: AuditReport) -> set[Kind]:
    return {finding.kind for finding in report.found}


def stage(lake: DocumentLake, _: EmbeddedGraphStore) -> None:
    old, new = (lake.root / "b" / name for name in (".relations.parquet", ".chunks.parquet"))
    for path in (old, new):
        path.write_bytes(b"half a")
    os.utime(str(old), (0, 0))


def kill_a_writer(_: DocumentLake, store: EmbeddedGraphStore) -> None:
    (Path(store.describe()).parent / "gkilled").mkdir()


def lose_rows(_: DocumentLake, store: EmbeddedGraphStore) -> None:
    store.close()
    FAULTS["a file lost"][0](Path(store.describe()))


PLANTED: dict[Kind, Fault] = {
    Kind.MISSING_BATCH: lambda _, store: store.remove("b") and None,
    Kind.OUTDATED_BATCH: lambda _, store: store.write(batch("b", {"x": text(7)})) and None,
    Kind.ORPHANED_BATCH: lambda _, store: store.write(batch("c", {"z": text(8)})) and None,
    Kind.LEFTOVERS: kill_a_writer,
    Kind.STAGED_FILES: stage,
    Kind.MISSING_ROWS: lose_rows,
}


@pytest.mark.parametrize("kind", PLANTED)
def test_audit_repairs_a_fault_of_each_kind_once(lake: DocumentLake, store: EmbeddedGraphStore, kind: Kind) -> None:
    before = rows(store)
    assert not audit(lake, store).found
    PLANTED[kind](lake, store)
    told = audit(lake, store, repair=False)
    assert kind in kinds(told)
    assert told.left == told.found
    repaired = audit(lake, store)
    assert (repaired.found, repaired.left) == (told.found, ())
    assert rows(store) == before
    assert not audit(lake, store).found


def test_audit_leaves_a_staged_file_of_now_alone(lake: DocumentLake, store: EmbeddedGraphStore) -> None:
    stage(lake, store)
    audit(lake, store)
    assert [path.name for path in lake.staged(older_than=10**12)] == [".chunks.parquet"]


def test_audit_writes_no_batch_that_a_gate_stopped(lake: DocumentLake, store: EmbeddedGraphStore) -> None:
    before = rows(store)
    read_into(lake, "b", {"x": text(7)})
    read_into(lake, "new", {"z": text(8)})
    report = audit(lake, store)
    assert [(finding.kind, finding.batch) for finding in report.found] == [
        (Kind.UNFINISHED_BATCH, "b"),
        (Kind.UNFINISHED_BATCH, "new"),
    ]
    assert not report.left
    assert rows(store) == before


def test_audit_leaves_what_the_library_wrote(lake: DocumentLake, store: EmbeddedGraphStore) -> None:
    store.write(batch(LIBRARY_BATCH, {"z": text(8)}))
    assert not audit(lake, store).found


def test_audit_removes_nothing_for_a_lake_that_is_empty(store: EmbeddedGraphStore, tmp_path: Path) -> None:
    before = rows(store)
    report = audit(DocumentLake(str(tmp_path / "elsewhere")), store)
    assert [finding.kind for finding in report.left] == [Kind.ORPHANED_BATCH] * 2
    assert rows(store) == before


def test_audit_of_nothing_at_all(tmp_path: Path) -> None:
    with closing(EmbeddedGraphStore(tmp_path / "graph", ENCODER, 10)) as store:
        assert not audit(DocumentLake(str(tmp_path / "lake")), store).found
