"""The graph in files: LightRAG's NetworkX, NanoVectorDB and JSON stores, one generation for each write."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from lightrag import LightRAG

from aegis_pipeline.graph import reading
from aegis_pipeline.graph.archive import read_corpus, read_keys, write_corpus
from aegis_pipeline.graph.audit.faults import GraphFaults, find_faults
from aegis_pipeline.graph.audit.stored import stored_rows
from aegis_pipeline.graph.changes import GraphChanges, changes_of, last_changes, write_changes
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import BatchChange, Corpus
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.graph.lightrag_adapter import open_lightrag
from aegis_pipeline.graph.loop import run
from aegis_pipeline.graph.store import Graph, GraphCounts, WriteReport
from aegis_pipeline.graph.told import told
from aegis_pipeline.graph.undo import put_back, read_undo, undo_of, write_undo
from aegis_pipeline.graph.update import RowIds, Update, plan, rows_of_batch, union
from aegis_pipeline.graph.writing import apply
from aegis_pipeline.models import Encoder
from aegis_pipeline.models.collecting import uncollected

T = TypeVar("T")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class EmbeddedGraphStore:
    """A graph in the folder ``root``. One reader stays open, on the generation that holds."""

    def __init__(self, root: Path, encoder: Encoder, batch_size: int) -> None:
        self._generations = Generations(root)
        self._encoder = encoder
        self._batch_size = batch_size
        self._reader: tuple[str, LightRAG] | None = None
        self._closing = AsyncExitStack()
        self._reading = asyncio.Lock()

    def write(self, contribution: BatchContribution, *, keep_others: bool = False) -> WriteReport:
        """See ``GraphStore.write``. A killed write leaves the graph as it was, and the next one completes it."""
        with self._generations.locked(), uncollected():
            before = self.corpus()
            change = before.change(contribution, keep_others=keep_others)
            if change.after != before:
                changes = self._carry_out(before, change)
            else:
                changes = self._note_unchanged(change)
        return told(WriteReport(change.difference, changes, self.describe()))

    def corpus(self) -> Corpus:
        """See ``GraphStore.corpus``."""
        current = self._generations.current
        return read_corpus(self._generations.folder(current)) if current else Corpus()

    def _carry_out(self, before: Corpus, change: BatchChange, lost: RowIds | None = None) -> GraphChanges:
        current = self._generations.current
        with self._generations.writing() as generation:
            update = plan(before, change.after, self._count_tokens, self._encoder.max_tokens, lost)
            run(self._apply(generation, update))
            write_corpus(self._generations.folder(generation), change.after)
            changes = changes_of(change.batch, _now(), before, change.after, update)
            write_changes(self._generations.note(generation), changes)
            self._keep_undo(generation, current or generation, before, change)
        return changes

    def _keep_undo(self, generation: str, earlier: str, before: Corpus, change: BatchChange) -> None:
        undo = undo_of(before, change)
        write_undo(self._generations.undos(generation), change.batch, undo, self._generations.undos(earlier))

    def _count_tokens(self, text: str) -> int:
        return len(self._encoder.tokenizer.encode(text))

    async def _apply(self, generation: str, update: Update) -> None:
        async with self._open(generation) as rag:
            await apply(rag, update)

    def _note_unchanged(self, change: BatchChange) -> GraphChanges:
        changes = GraphChanges(change.batch, _now())
        if current := self._generations.current:
            write_changes(self._generations.note(current), changes)
            self._keep_undo(current, current, change.after, change)
        return changes

    def remove(self, batch: str) -> WriteReport:
        """See ``GraphStore.remove``."""
        self.corpus().require(batch)
        return self.write(BatchContribution(batch, (), {}))

    def restore(self, batch: str) -> WriteReport:
        """See ``GraphStore.restore``."""
        with self._generations.locked(), uncollected():
            before, current = self.corpus(), self._generations.current
            undo = read_undo(self._generations.undos(current), batch) if current else None
            change = put_back(before, batch, undo)
            lost = union(rows_of_batch(before, batch), rows_of_batch(change.after, batch))
            changes = self._carry_out(before, change, lost)
        return told(WriteReport(change.difference, changes, self.describe()))

    def faults(self) -> GraphFaults:
        """See ``GraphStore.faults``."""
        with self._generations.locked():
            run(self._close_reader())  # it has the files as they were when it opened them
            leftovers, corpus = len(self._generations.leftovers), self.corpus()
            expected = plan(Corpus(), corpus, self._count_tokens, self._encoder.max_tokens).after
            stored = run(self._read(lambda _, rag: stored_rows(rag), expected))
            return find_faults(expected, stored, leftovers)

    def mend(self) -> GraphFaults:
        """See ``GraphStore.mend``."""
        with self._generations.locked(), uncollected():
            faults, corpus = self.faults(), self.corpus()
            self._generations.sweep()
            if faults.to_mend:
                self._carry_out(corpus, corpus.unchanged("audit"), faults.to_mend)
        return faults

    def rebuild(self, contributions: Sequence[BatchContribution]) -> WriteReport:
        """See ``GraphStore.rebuild``: an empty generation is filled, and holds when it is whole."""
        with self._generations.locked(), uncollected():
            before = self.corpus()
            change = before.replaced("rebuild", contributions)
            told_of = plan(before, change.after, self._count_tokens, self._encoder.max_tokens)
            changes = changes_of(change.batch, _now(), before, change.after, told_of)
            with self._generations.writing(afresh=True) as generation:
                update = plan(Corpus(), change.after, self._count_tokens, self._encoder.max_tokens)
                run(self._apply(generation, update))
                write_corpus(self._generations.folder(generation), change.after)
                write_changes(self._generations.note(generation), changes)
        return told(WriteReport(change.difference, changes, self.describe()))

    def last_changes(self) -> GraphChanges | None:
        """See ``GraphStore.last_changes``."""
        return last_changes(self._generations)

    def counts(self, contribution: BatchContribution) -> GraphCounts:
        """See ``GraphStore.counts``; zeros before the first write."""

        def count(generation: str, rag: LightRAG) -> Awaitable[GraphCounts]:
            return reading.counts(rag, contribution, read_keys(self._generations.folder(generation)))

        return run(self._read(count, GraphCounts()))

    def _open(self, generation: str) -> Any:
        return open_lightrag(self._generations.root, generation, self._encoder, self._batch_size)

    def retrieve(self, question: str, mode: str, high: list[str], low: list[str], top_k: int) -> dict[str, Any]:
        """See ``GraphStore.retrieve``; an empty graph gives an empty dictionary."""
        param = reading.query_param(mode, high, low, top_k)
        return run(self._read(lambda _, rag: reading.retrieve(rag, question, param), {}))

    def graph(self) -> Graph:
        """See ``GraphStore.graph``."""
        return run(self._read(lambda _, rag: reading.graph(rag), Graph()))

    def describe(self) -> str:
        """The folder of the generation that holds, or where the first will be."""
        return str(self._generations.folder(self._generations.current or "."))

    def close(self) -> None:
        """Close the reader. A store may be used again afterwards."""
        run(self._close_reader())

    async def _read(self, work: Callable[[str, LightRAG], Awaitable[T]], empty: T) -> T:
        """One read at a time, for the next may close the reader. The pointer is read again after each opening: writers
        may have removed what was being opened."""
        async with self._reading:
            while (generation := self._generations.current) is not None:
                if self._reader is not None and self._reader[0] == generation:
                    return await work(*self._reader)
                await self._close()
                self._reader = (generation, await self._closing.enter_async_context(self._open(generation)))
        return empty

    async def _close_reader(self) -> None:
        async with self._reading:
            await self._close()

    async def _close(self) -> None:
        self._reader = None
        await self._closing.aclose()
        self._closing = AsyncExitStack()
