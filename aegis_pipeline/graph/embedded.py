"""The graph in files: LightRAG's NetworkX, NanoVectorDB and JSON stores, one generation for each write."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from aegis_pipeline.graph import reading
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.finish import check_processed, delete, finish, touched_by
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.graph.ledger import Change, read_ledger, write_ledger
from aegis_pipeline.graph.lightrag_adapter import AegisLightRAG, open_lightrag
from aegis_pipeline.graph.loop import run
from aegis_pipeline.graph.store import Graph, GraphCounts, WriteReport
from aegis_pipeline.models import Encoder

T = TypeVar("T")


class EmbeddedGraphStore:
    """A graph in the folder ``root``. One reader stays open, on the generation that holds."""

    def __init__(self, root: Path, encoder: Encoder, batch_size: int) -> None:
        self._generations = Generations(root)
        self._encoder = encoder
        self._batch_size = batch_size
        self._reader: tuple[str, AegisLightRAG] | None = None
        self._closing = AsyncExitStack()
        self._reading = asyncio.Lock()

    def write(self, contribution: BatchContribution, *, keep_others: bool = False) -> WriteReport:
        """See ``GraphStore.write``. A killed write leaves the graph as it was, and the next one completes it."""
        change = self._change(self._generations.current, contribution, keep_others)
        if not change.difference.is_empty:
            with self._generations.writing() as generation:
                change = self._change(generation, contribution, keep_others)
                run(self._write(generation, change))
        return WriteReport(change.difference, self.describe())

    def _change(self, generation: str | None, contribution: BatchContribution, keep_others: bool) -> Change:
        ledger = read_ledger(self._generations.folder(generation)) if generation else {}
        return Change.of(ledger, contribution, keep_others=keep_others)

    async def _write(self, generation: str, change: Change) -> None:
        new = [d for d in change.contribution.documents if d.document_id not in change.difference.unchanged]
        async with self._open(generation) as rag, rag.one_flush():
            touched = await touched_by(rag, change)
            await delete(rag, sorted(change.stale))
            await rag.insert_contributions(new)
            await check_processed(rag, [document.document_id for document in new])
            await finish(rag, change, touched)
        write_ledger(self._generations.folder(generation), change.ledger_after)

    def _open(self, generation: str) -> Any:
        return open_lightrag(self._generations.root, generation, self._encoder, self._batch_size)

    def counts(self, contribution: BatchContribution) -> GraphCounts:
        """See ``GraphStore.counts``; zeros before the first write."""
        return run(self._read(lambda rag: reading.counts(rag, contribution), GraphCounts(0, 0, 0, 0, 0)))

    def retrieve(self, question: str, mode: str, high: list[str], low: list[str], top_k: int) -> dict[str, Any]:
        """See ``GraphStore.retrieve``; an empty graph gives an empty dictionary."""
        param = reading.query_param(mode, high, low, top_k)
        return run(self._read(lambda rag: reading.retrieve(rag, question, param), {}))

    def graph(self) -> Graph:
        """See ``GraphStore.graph``."""
        return run(self._read(reading.graph, Graph()))

    def describe(self) -> str:
        """The folder of the generation that holds, or where the first will be."""
        return str(self._generations.folder(self._generations.current or "."))

    def close(self) -> None:
        """Close the reader. A store may be used again afterwards."""
        run(self._close_reader())

    async def _read(self, work: Callable[[AegisLightRAG], Awaitable[T]], empty: T) -> T:
        """One read at a time, for the next may close the reader. The pointer is read again after each opening: writers
        may have removed what was being opened."""
        async with self._reading:
            while (generation := self._generations.current) is not None:
                if self._reader is not None and self._reader[0] == generation:
                    return await work(self._reader[1])
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
