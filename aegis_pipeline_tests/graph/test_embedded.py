"""The graph in files: what is written is there, once, and only that, whatever came before it."""

import json
import random
from dataclasses import asdict
from pathlib import Path

import pytest

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, embedded, expected_counts, statements
from aegis_pipeline.graph.descriptions import split
from aegis_pipeline.graph.statements import decode
from aegis_pipeline.graph.store import GraphCounts
from aegis_pipeline.records import QueryMode
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, batch, plain, text

FILES = {"a.txt": text(1), "b/readme.md": text(2), "c/readme.md": text(3)}
OTHER_TYPES = {**TYPES, "EDSAC": "event", "Lyons": "place"}


def _afresh(folder: Path, *batches: BatchContribution) -> tuple[object, object]:
    store = EmbeddedGraphStore(folder, ENCODER, 10)
    for contribution in batches:
        store.write(contribution)
    graph = plain(store.graph())
    store.close()
    return graph


def _bytes(location: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(location).iterdir()}


def test_embedded_empty_graph_reads_as_empty(store: EmbeddedGraphStore) -> None:
    assert store.counts(batch("b", FILES)) == GraphCounts()
    assert store.retrieve("Ferranti?", "mix", ["x"], ["y"], 5) == {}
    assert store.graph().nodes == {}


def test_embedded_counts_equal_expected(store: EmbeddedGraphStore) -> None:
    contribution = batch("b", FILES)
    report = store.write(contribution)
    assert report.difference.added == {document.document_id for document in contribution.documents}
    assert store.counts(contribution) == expected_counts(contribution)
    assert expected_counts(contribution).statements > 5


@pytest.mark.parametrize(
    ("file", "lost"),
    [
        ("vdb_entities.json", {"entities", "provenance"}),
        ("vdb_relationships.json", {"edges", "statements", "provenance"}),
        ("vdb_chunks.json", {"chunks"}),
        ("kv_store_text_chunks.json", {"chunks"}),
        ("kv_store_full_docs.json", {"documents"}),
        ("kv_store_doc_status.json", {"documents"}),
        ("kv_store_entity_chunks.json", {"provenance"}),
        ("kv_store_relation_chunks.json", {"provenance"}),
        ("graph_chunk_entity_relation.graphml", {"entities", "edges", "statements", "provenance"}),
    ],
)
def test_embedded_counts_see_a_lost_file(store: EmbeddedGraphStore, file: str, lost: set[str]) -> None:
    contribution = batch("b", FILES)
    (Path(store.write(contribution).location) / file).unlink()
    found, expected = asdict(store.counts(contribution)), asdict(expected_counts(contribution))
    assert {name for name, count in expected.items() if found[name] < count} == lost
    assert {name for name in lost if found[name]} <= {"provenance"}


def test_embedded_unchanged_batch_writes_nothing(store: EmbeddedGraphStore) -> None:
    first = store.write(batch("b", FILES))
    before = _bytes(first.location)
    second = store.write(batch("b", FILES))
    assert second.changes.is_empty
    assert second.location == first.location
    assert _bytes(first.location) == before


def test_embedded_reading_writes_nothing(store: EmbeddedGraphStore) -> None:
    location = store.write(batch("b", FILES)).location
    before = _bytes(location)
    store.retrieve("Who founded Ferranti?", "mix", ["founded by"], ["Ferranti"], 5)
    store.close()
    assert _bytes(location) == before


def test_embedded_changed_text_replaces_the_old(store: EmbeddedGraphStore) -> None:
    store.write(batch("b", {"a": "Lyons employs EDSAC.", "b": "Lyons founded Ferranti."}))
    changed = batch("b", {"a": "Lyons employs Cambridge.", "b": "Lyons founded Ferranti."})
    difference = store.write(changed).difference
    assert difference.changed == {"doc-b-a"}
    assert difference.unchanged == {"doc-b-b"}
    graph = store.graph()
    assert graph.nodes.keys() == {"Lyons", "Cambridge", "Ferranti"}
    assert "EDSAC" not in json.dumps(graph.nodes)


@pytest.mark.parametrize("seed", range(6))
def test_embedded_any_order_of_changes_gives_the_graph_afresh(
    store: EmbeddedGraphStore, tmp_path: Path, seed: int
) -> None:
    source = random.Random(seed)
    types = {"a": TYPES, "b": OTHER_TYPES, "c": TYPES}
    files: dict[str, dict[str, str]] = {name: {} for name in types}
    for _ in range(6):
        name = source.choice(sorted(types))
        own = files[name]
        own.update({f"f{source.randrange(12)}": text(source.randrange(30)) for _ in range(source.randrange(1, 5))})
        files[name] = own = {path: content for path, content in own.items() if source.random() > 0.2}
        contribution = batch(name, own, types[name])
        store.write(contribution)
        assert store.counts(contribution) == expected_counts(contribution)
    order = source.sample(sorted(types), len(types))
    afresh = _afresh(tmp_path / "afresh", *(batch(name, files[name], types[name]) for name in order))
    assert plain(store.graph()) == afresh


def test_embedded_removed_batch_leaves_an_empty_graph(store: EmbeddedGraphStore) -> None:
    store.write(batch("b", FILES))
    store.write(batch("b", {}))
    assert store.graph().nodes == {}
    assert store.graph().edges == {}
    assert store.retrieve("Ferranti", "naive", ["x"], ["y"], 5) == {}


def test_embedded_caps_keep_counts_and_can_be_undone(store: EmbeddedGraphStore, tmp_path: Path) -> None:
    many = {f"{i:03d}": f"Lyons employs EDSAC in year {i}." for i in range(205)}
    store.write(batch("b", many))
    edge = store.graph().edges["EDSAC", "Lyons"]
    assert (len(split(edge["source_id"])), len(split(edge["file_path"]))) == (200, 75)
    assert (edge["truncate"], edge["weight"], len(decode(edge["statements"]))) == ("KEEP 200/205", 205.0, 205)
    few = batch("b", {path: many[path] for path in sorted(many)[3:150]})
    store.write(few)
    assert store.counts(few) == expected_counts(few)
    assert plain(store.graph()) == _afresh(tmp_path / "afresh", few)


def test_embedded_equal_texts_are_two_documents(store: EmbeddedGraphStore) -> None:
    same = "Lyons employs EDSAC."
    both = batch("b", {"x/readme.md": same, "y/readme.md": same})
    store.write(both)
    assert store.counts(both) == expected_counts(both)
    one = batch("b", {"y/readme.md": same})
    store.write(one)
    assert store.counts(one) == expected_counts(one)
    assert store.graph().nodes["Lyons"]["file_path"] == "b%2Fy%2Freadme.md"


def test_embedded_keep_others_adds_and_replaces(store: EmbeddedGraphStore, tmp_path: Path) -> None:
    store.write(batch("b", {"a": FILES["a.txt"], "c": text(5)}), keep_others=True)
    difference = store.write(batch("b", {"a": text(7), "d": text(8)}), keep_others=True).difference
    assert difference.added == {"doc-b-d"}
    assert difference.changed == {"doc-b-a"}
    assert not difference.removed
    whole = batch("b", {"a": text(7), "c": text(5), "d": text(8)})
    assert store.counts(whole) == expected_counts(whole)
    assert plain(store.graph()) == _afresh(tmp_path / "afresh", whole)


def test_embedded_inserts_of_one_name_with_two_types_are_two_nodes(store: EmbeddedGraphStore, tmp_path: Path) -> None:
    first, second = {"a": "Lyons employs EDSAC."}, {"b": "Lyons contains Cambridge."}
    store.write(batch("b", first), keep_others=True)
    store.write(batch("b", second, OTHER_TYPES), keep_others=True)
    found = plain(store.graph())
    assert {"Lyons", "Lyons (place)"} <= store.graph().nodes.keys()
    other = EmbeddedGraphStore(tmp_path / "other", ENCODER, 10)
    other.write(batch("b", second, OTHER_TYPES), keep_others=True)
    other.write(batch("b", first), keep_others=True)
    assert plain(other.graph()) == found
    other.close()


def test_embedded_graph_of_another_version_is_refused(store: EmbeddedGraphStore) -> None:
    location = Path(store.write(batch("b", FILES)).location)
    next(location.glob("aegis_contributions*.json")).unlink()
    with pytest.raises(GraphError, match=r"is no graph of this version.*run the batches again"):
        store.write(batch("b", {"x": text(4)}))


def test_embedded_document_of_another_batch_is_refused(store: EmbeddedGraphStore) -> None:
    contribution = batch("b", FILES)
    store.write(contribution)
    with pytest.raises(GraphError, match="of batch 'other' is in the graph already, of batch 'b'"):
        store.write(BatchContribution("other", contribution.documents, contribution.names))


def test_embedded_failing_document_writes_nothing(store: EmbeddedGraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(batch("a", FILES))
    before = plain(store.graph())

    with monkeypatch.context() as patched:
        patched.setattr(statements, "encode", lambda _: "\x00")
        with pytest.raises(GraphError, match="what XML cannot"):
            store.write(batch("b", {"x": text(4)}))
    assert plain(store.graph()) == before
    contribution = batch("b", {"x": text(4)})
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)


def test_embedded_broken_write_leaves_the_graph(
    store: EmbeddedGraphStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = store.write(batch("a", FILES)).location
    before = _bytes(location)

    async def fail(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(embedded, "apply", fail)
        with pytest.raises(OSError, match="no space"):
            store.write(batch("b", {"x": text(4)}))
    assert store.describe() == location
    assert _bytes(location) == before
    assert [path.name for path in root.iterdir() if path.is_dir()] == [Path(location).name]


@pytest.mark.parametrize("mode", QueryMode)
def test_embedded_retrieves_with_sources(store: EmbeddedGraphStore, mode: QueryMode) -> None:
    files = {"docs/ü.txt": "It rained. Lyons employs EDSAC.", "b.txt": "Ferranti founded Manchester."}
    store.write(batch("b", files))
    found = store.retrieve("Who employs EDSAC?", mode.value, ["Lyons employs EDSAC"], ["EDSAC"], 5)
    assert "docs/ü.txt" in {source["path"] for row in found["chunks"] for source in row["sources"]}
    for row in found["chunks"]:
        assert [files[s["path"]][s["start"] : s["end"]] for s in row["sources"]] == [row["content"]]
    if mode is not QueryMode.NAIVE:
        assert found["entities"]
        assert found["relationships"]
    for row in [*found["entities"], *found["relationships"]]:
        (source,) = row["sources"][:1]
        assert row["description"].split(". ")[-1] in files[source["path"]][source["start"] : source["end"]]
    for row in found["relationships"]:
        (statement,) = row["statements"]
        assert {statement.head, statement.tail} == {row["src_id"], row["tgt_id"]}
