"""What the last write changed: told in full, and never of a write that did not come to its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import EmbeddedGraphStore, embedded
from aegis_pipeline.graph.changes import DocumentChange, EntityChange, StatementChange
from aegis_pipeline_tests.graph.worlds import ENCODER, Linking, batch

FILES = {"a": "Lyons employs EDSAC.", "b/ü": "Lyons founded Ferranti."}


def test_changes_before_the_first_write_are_none(store: EmbeddedGraphStore) -> None:
    assert store.last_changes() is None


def test_changes_of_the_first_write_are_everything(store: EmbeddedGraphStore) -> None:
    changes = store.write(batch("b", FILES)).changes
    assert changes.batch == "b"
    assert changes.documents == (DocumentChange("added", "a"), DocumentChange("added", "b/ü"))
    assert changes.entities == (
        EntityChange("added", "EDSAC", "EDSAC", "product"),
        EntityChange("added", "Ferranti", "Ferranti", "organization"),
        EntityChange("added", "Lyons", "Lyons", "organization"),
    )
    assert changes.statements == (
        StatementChange("added", "Lyons", "employer", "EDSAC", "a"),
        StatementChange("added", "Lyons", "founded_by", "Ferranti", "b/ü"),
    )
    assert store.last_changes() == changes


def test_changes_of_one_document_name_what_went_with_it(store: EmbeddedGraphStore) -> None:
    store.write(batch("b", FILES))
    changes = store.write(batch("b", {**FILES, "a": "Lyons employs Cambridge."})).changes
    assert changes.documents == (DocumentChange("changed", "a"),)
    assert changes.entities == (
        EntityChange("added", "Cambridge", "Cambridge", "place"),
        EntityChange("removed", "EDSAC", "EDSAC", "product"),
        EntityChange("changed", "Lyons", "Lyons", "organization", ("description",)),
    )
    assert [(change.kind, change.tail) for change in changes.statements] == [
        ("added", "Cambridge"),
        ("removed", "EDSAC"),
    ]


def test_changes_of_a_merge_are_aliases_and_documents(store: EmbeddedGraphStore) -> None:
    store.write(batch("b", FILES))
    changes = store.write(batch("b", FILES, linking=Linking(same={"Ferranti": "EDSAC"}))).changes
    edsac, ferranti = changes.entities
    assert (edsac.kind, edsac.key, ferranti.kind, ferranti.key) == ("changed", "EDSAC", "removed", "Ferranti")
    assert edsac.details == ("alias +Ferranti", "document +b/ü", "description")
    assert [(c.kind, c.predicate, c.tail) for c in changes.statements] == [
        ("added", "founded_by", "EDSAC"),
        ("removed", "founded_by", "Ferranti"),
    ]


def test_changes_tell_of_other_evidence_for_one_statement(store: EmbeddedGraphStore) -> None:
    first = batch("b", {"a": FILES["a"]})
    store.write(first)
    (document,) = first.documents
    surer = tuple(replace(statement, confidence=0.9) for statement in document.statements)
    changes = store.write(replace(first, documents=(replace(document, statements=surer),))).changes
    assert changes.statements == (StatementChange("changed", "Lyons", "employer", "EDSAC", "a"),)
    assert changes.entities == ()


def test_changes_of_an_unchanged_run_say_so(store: EmbeddedGraphStore, root: Path) -> None:
    store.write(batch("other", {"x": "Ferranti founded Manchester."}))
    store.write(batch("b", FILES))
    location = store.describe()
    store.write(batch("other", {"x": "Ferranti founded Manchester."}))
    found = EmbeddedGraphStore(root, ENCODER, 10).last_changes()
    assert found is not None
    assert found.is_empty
    assert found.batch == "other"
    assert found.time
    assert store.describe() == location


def test_changes_of_a_failed_write_are_not_told(
    store: EmbeddedGraphStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = store.write(batch("b", FILES)).changes

    def fail(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(embedded.Generations, "_commit", fail)
        with pytest.raises(OSError, match="no space"):
            store.write(batch("c", {"x": FILES["a"]}))
    assert store.last_changes() == told
    store.write(batch("c", {"x": FILES["a"]}))
    store.write(batch("c", {}))
    assert len(list(root.glob("g*.json"))) == len(list(root.glob("undo-*.json"))) == 2


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_changes_that_are_lost_are_an_error(store: EmbeddedGraphStore, root: Path, content: bytes | None) -> None:
    store.write(batch("b", FILES))
    (path,) = root.glob("g*.json")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GraphError, match="does not tell what the last write changed"):
        store.last_changes()
