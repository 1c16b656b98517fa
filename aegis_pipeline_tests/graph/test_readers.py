"""Readers beside writers: each read sees the whole of one state."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from lightrag import LightRAG

from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, expected_counts
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, plain, text

FILES = {"a.txt": text(1), "b/readme.md": text(2), "c/readme.md": text(3)}


def _afresh(folder: Path, *batches: BatchContribution) -> tuple[object, object]:
    store = EmbeddedGraphStore(folder, ENCODER, 10)
    for contribution in batches:
        store.write(contribution)
    graph = plain(store.graph())
    store.close()
    return graph


def test_readers_readers_of_many_threads_open_the_graph_once(
    store: EmbeddedGraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    contribution = batch("b", FILES)
    store.write(contribution)
    opened: list[str] = []
    really = store._open

    @asynccontextmanager
    async def slowly(generation: str) -> AsyncIterator[LightRAG]:
        opened.append(generation)
        await asyncio.sleep(0.05)
        async with really(generation) as rag:
            yield rag

    monkeypatch.setattr(store, "_open", slowly)
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(store.counts, [contribution] * 8))
    assert counted == [expected_counts(contribution)] * 8
    assert len(opened) == 1


def test_readers_reader_sees_old_or_new(store: EmbeddedGraphStore, root: Path, tmp_path: Path) -> None:
    """Threads read while generations change; each sees the whole of one state or of another."""
    states = [batch("b", {f"f{i}": text(i) for i in range(n, n + 4)}) for n in range(4)]
    valid = [_afresh(tmp_path / f"{n}", state) for n, state in enumerate(states)]
    store.write(states[0])
    writer = EmbeddedGraphStore(root, ENCODER, 10)
    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(lambda: [writer.write(state) for state in states])
        seen = []
        while not writing.done():
            seen += list(pool.map(lambda _: plain(store.graph()), range(3)))
    assert all(graph in valid for graph in seen)
    assert plain(store.graph()) == valid[-1]


def test_readers_two_stores_of_one_process_do_not_disturb_each_other(store: EmbeddedGraphStore, root: Path) -> None:
    contribution = batch("b", FILES)
    store.write(contribution)
    other = EmbeddedGraphStore(root, ENCODER, 10)
    assert store.counts(contribution) == other.counts(contribution) == expected_counts(contribution)
    other.close()
    assert store.counts(contribution) == expected_counts(contribution)
    assert store.retrieve("Ferranti", "mix", ["employer"], ["Ferranti"], 5)["entities"]
    assert other.counts(contribution) == expected_counts(contribution)


def test_readers_reader_opens_again_when_its_generation_went(
    store: EmbeddedGraphStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes end between a reader's look at the pointer and its opening of the files."""
    store.write(batch("b", FILES))
    removed = Path(store.describe()).name
    last = batch("b", {"x": text(9)})
    for state in (batch("b", {"y": text(8)}), last):
        EmbeddedGraphStore(root, ENCODER, 10).write(state)

    class Late(Generations):
        """Reads the pointer once as it was before the writes."""

        pointers: ClassVar = [removed]

        @property
        def current(self) -> str | None:
            return self.pointers.pop() if self.pointers else super().current

    monkeypatch.setattr(store, "_generations", Late(root))
    assert store.counts(last) == expected_counts(last)
