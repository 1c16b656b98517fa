"""What a batch contributed before its last write can be put back, and with it whatever of it was lost."""

import json
import random
from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import EmbeddedGraphStore, expected_counts
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.undo import plain_undo, undo_from, undo_of, undone
from aegis_pipeline_tests.graph.test_life import rows
from aegis_pipeline_tests.graph.worlds import TYPES, batch, plain, text

NOTHING = BatchContribution("b", (), {})
FILES = {"x": text(1), "y": text(2), "z": text(3)}


def _some(source: random.Random) -> BatchContribution:
    types = {**TYPES, "Lyons": source.choice(["place", "organization"])}
    return batch("b", {f"f{n}": text(source.randrange(5)) for n in range(6) if source.random() > 0.4}, types)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("keep_others", [False, True])
def test_undo_leads_back(seed: int, keep_others: bool) -> None:
    source = random.Random(seed)
    before = Corpus({"a": batch("a", {"v": text(9)})}).with_batch(_some(source))
    change = before.change(_some(source), keep_others=keep_others)
    undo = undo_from("b", json.loads(json.dumps(plain_undo(undo_of(before, change)))))
    assert undone(change.after.batches.get("b", NOTHING), undo) == before.batches.get("b", NOTHING)


def test_undo_keeps_what_changed_alone() -> None:
    before = Corpus({"b": batch("b", FILES)})
    undo = undo_of(before, before.change(batch("b", {**FILES, "x": text(4), "v": text(5)})))
    assert [document.path for document in undo.replaced.documents] == ["x"]
    assert undo.added_documents == ("doc-b-v",)


def test_undo_restores_the_previous_contribution(store: EmbeddedGraphStore) -> None:
    store.write(batch("a", {"v": text(9)}))
    store.write(batch("b", FILES))
    before = rows(store)
    store.write(batch("b", {"x": text(4), "y": text(2)}))
    store.write(batch("a", {"v": text(9)}))
    assert store.restore("b").difference.removed == frozenset()
    assert rows(store) == before
    store.restore("b")
    assert rows(store) == before


def test_undo_of_a_first_write_removes_the_batch(store: EmbeddedGraphStore) -> None:
    store.write(batch("a", {"v": text(9)}))
    before = rows(store)
    store.write(batch("b", FILES))
    store.restore("b")
    assert rows(store) == before


def test_undo_of_a_removal_brings_the_batch_back(store: EmbeddedGraphStore) -> None:
    contribution = batch("b", FILES)
    store.write(contribution)
    before = rows(store)
    store.remove("b")
    store.restore("b")
    assert rows(store) == before


@pytest.mark.parametrize(
    "file", ["vdb_entities.json", "kv_store_entity_chunks.json", "graph_chunk_entity_relation.graphml"]
)
def test_undo_writes_what_was_lost_though_nothing_changed(store: EmbeddedGraphStore, file: str) -> None:
    contribution = batch("b", FILES)
    store.write(contribution)
    before = plain(store.graph())
    store.write(contribution)
    store.close()
    (Path(store.describe()) / file).unlink()
    assert store.counts(contribution) != expected_counts(contribution)
    report = store.restore("b")
    assert report.changes.is_empty
    assert store.counts(contribution) == expected_counts(contribution)
    assert plain(store.graph()) == before


def test_undo_of_an_unknown_batch_names_those_that_are_there(store: EmbeddedGraphStore) -> None:
    store.write(batch("a", {"v": text(9)}))
    with pytest.raises(InputError, match="no batch 'b' in the graph; there are: a"):
        store.restore("b")
