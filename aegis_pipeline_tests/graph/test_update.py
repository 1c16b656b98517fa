"""Updates as functions: what a write removes and writes, also where nobody knows what an interrupted one left."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.rows import EDGES, NODES
from aegis_pipeline.graph.served_archive import dump_ids, load_ids
from aegis_pipeline.graph.update import Update, plan, rows_of_batch, union
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, batch, text

Stores = dict[str, dict[Any, Mapping[str, Any]]]


def _plan(before: Corpus, after: Corpus, unsure: Mapping[str, Any] | None = None) -> Update:
    return plan(before, after, lambda said: len(said.split()), ENCODER.max_tokens, unsure)


def _all(corpus: Corpus) -> Stores:
    """Every row of a graph that holds ``corpus``."""
    return {store: dict(rows) for store, rows in _plan(Corpus(), corpus).after.items() if rows}


def _applied(stores: Stores, update: Update) -> Stores:
    found = {store: dict(rows) for store, rows in stores.items()}
    for store in {*update.before, *update.after, *update.unsure}:
        rows = found.setdefault(store, {})
        for row_id in update.removed(store):
            rows.pop(row_id, None)
        rows.update(update.written(store))
    return {store: rows for store, rows in found.items() if rows}


def _some(source: random.Random, name: str) -> BatchContribution:
    types = {**TYPES, "Lyons": source.choice(["place", "organization"])}
    return batch(name, {f"f{n}": text(source.randrange(6), 2) for n in range(5) if source.random() > 0.4}, types)


@pytest.mark.parametrize("seed", range(25))
def test_update_mends_what_an_interrupted_write_left(seed: int) -> None:
    """Of each row that it may have touched, it left the old, the new, or none; then anything may be written next."""
    source = random.Random(seed)
    before = Corpus().with_batch(_some(source, "a")).with_batch(_some(source, "b"))
    wanted, then = (before.with_batch(_some(source, source.choice("ab"))) for _ in range(2))
    interrupted = _plan(before, wanted)
    pending = load_ids(dump_ids(interrupted.touched))
    left = _all(before)
    for store, ids in pending.items():
        for row_id in ids:
            row = source.choice([left.get(store, {}).get(row_id), interrupted.after.get(store, {}).get(row_id), None])
            left.setdefault(store, {}).pop(row_id, None)
            if row is not None:
                left[store][row_id] = row
    assert _applied(left, _plan(before, then, pending)) == _all(then)
    assert _applied(left, _plan(before, before, pending)) == _all(before)


@pytest.mark.parametrize("seed", range(10))
def test_update_mends_whatever_a_batch_lost(seed: int) -> None:
    source = random.Random(seed)
    corpus = Corpus().with_batch(_some(source, "a")).with_batch(_some(source, "b"))
    whole, lost = _all(corpus), rows_of_batch(corpus, "b")
    left = {
        store: {i: row for i, row in rows.items() if i not in lost.get(store, ()) or source.random() > 0.5}
        for store, rows in whole.items()
    }
    assert _applied(left, _plan(corpus, corpus, lost)) == whole


def test_update_takes_the_edges_of_a_lost_node_with_it() -> None:
    """Also those that other batches alone have stated."""
    corpus = Corpus().with_batch(batch("a", {"x": "Lyons employs EDSAC."})).with_batch(batch("b", {"y": "Lyons rose."}))
    lost = rows_of_batch(corpus, "b")
    assert lost[NODES] == {"Lyons"}
    assert lost[EDGES] == {("EDSAC", "Lyons")}


def test_update_touches_nothing_where_nothing_changed() -> None:
    corpus = Corpus({"b": batch("b", {"x": text(1)})})
    assert _plan(corpus, corpus).touched == {}


def test_update_union_of_row_ids() -> None:
    assert union({"a": [1], "b": {2}}, {"a": (3,)}, {}) == {"a": {1, 3}, "b": {2}}
