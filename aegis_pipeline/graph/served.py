"""The graph in servers: LightRAG's storages in Neo4j and PostgreSQL, or some of them in files.

Whatever interrupts a write, the next one knows the rows that may have been touched, and removes or writes them again:
nothing is doubled, and nothing is lost.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential

from aegis_pipeline.errors import ServiceUnavailableError
from aegis_pipeline.events import Event
from aegis_pipeline.graph import reading
from aegis_pipeline.graph.audit.faults import GraphFaults
from aegis_pipeline.graph.changes import GraphChanges
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.loop import run
from aegis_pipeline.graph.served_archive import Archived, ServedArchive
from aegis_pipeline.graph.servers.auditing import faults_of
from aegis_pipeline.graph.servers.faults import explained
from aegis_pipeline.graph.servers.opening import Opened, open_archive, open_servers
from aegis_pipeline.graph.servers.writing import last_state, write_batch
from aegis_pipeline.graph.store import Graph, GraphCounts, WriteReport
from aegis_pipeline.graph.told import told
from aegis_pipeline.graph.undo import put_back
from aegis_pipeline.graph.update import rows_of, rows_of_batch, union
from aegis_pipeline.logs import event_log
from aegis_pipeline.models import Encoder
from aegis_pipeline.settings import Settings

T = TypeVar("T")

# Tried again after 1, 2, 4 and 8 seconds: a server that is restarted is up again after 5 to 10.
_ATTEMPTS, _FIRST_WAIT, _LONGEST_WAIT = 5, 1, 8
_log = event_log(__name__)


def served_folder(root: Path, configured: Settings) -> Path:
    """Where what is in files lies: beside ``root``, the embedded graph, and apart for each workspace."""
    return root.with_name(f"{root.name}-{configured.aegis_workspace}")


class ServerGraphStore:
    """A graph on the servers of the settings. They are connected to at the first use, until ``close``.

    Every call raises ``ServiceUnavailableError`` when a server went away and was not back in time.
    """

    def __init__(self, configured: Settings, root: Path, encoder: Encoder) -> None:
        self._configured = configured
        self._folder = served_folder(root, configured)
        self._encoder = encoder
        self._opened: Opened | None = None
        self._closing = AsyncExitStack()
        self._opening = asyncio.Lock()

    def write(self, contribution: BatchContribution, *, keep_others: bool = False) -> WriteReport:
        """See ``GraphStore.write``. What an interrupted write of any batch has touched, the next one mends."""

        async def work() -> WriteReport:
            async with self._writing() as (opened, archive, kept):
                change = kept.corpus.change(contribution, keep_others=keep_others)
                changes = await write_batch(opened, archive, self._encoder, kept, change, {})
            return told(WriteReport(change.difference, changes, self.describe()))

        return run(self._retried(work))

    def remove(self, batch: str) -> WriteReport:
        """See ``GraphStore.remove``."""

        async def check() -> None:
            async with self._writing() as (_, _, kept):
                kept.corpus.require(batch)

        run(self._retried(check))
        return self.write(BatchContribution(batch, (), {}))

    def restore(self, batch: str) -> WriteReport:
        """See ``GraphStore.restore``."""

        async def work() -> WriteReport:
            async with self._writing() as (opened, archive, kept):
                change = put_back(kept.corpus, batch, await archive.undo(batch))
                lost = union(rows_of_batch(kept.corpus, batch), rows_of_batch(change.after, batch))
                changes = await write_batch(opened, archive, self._encoder, kept, change, lost)
            return told(WriteReport(change.difference, changes, self.describe()))

        return run(self._retried(work))

    def corpus(self) -> Corpus:
        """See ``GraphStore.corpus``."""
        return run(self._retried(lambda: _corpus(self._configured, self._folder)))

    def faults(self) -> GraphFaults:
        """See ``GraphStore.faults``."""

        async def work() -> GraphFaults:
            async with self._writing() as (opened, _, kept):
                return await faults_of(opened, kept, self._encoder)

        return run(self._retried(work))

    def mend(self) -> GraphFaults:
        """See ``GraphStore.mend``."""

        async def work() -> GraphFaults:
            async with self._writing() as (opened, archive, kept):
                if faults := await faults_of(opened, kept, self._encoder):
                    change = kept.corpus.unchanged("audit")
                    await write_batch(opened, archive, self._encoder, kept, change, faults.to_mend)
            return faults

        return run(self._retried(work))

    def rebuild(self, contributions: Sequence[BatchContribution]) -> WriteReport:
        """See ``GraphStore.rebuild``: it is one transaction of each server."""

        async def work() -> WriteReport:
            async with self._writing() as (opened, archive, kept):
                change = kept.corpus.replaced("rebuild", contributions)
                every = union(rows_of(kept.corpus), rows_of(change.after))
                changes = await write_batch(opened, archive, self._encoder, kept, change, every)
            return told(WriteReport(change.difference, changes, self.describe()))

        return run(self._retried(work))

    def last_changes(self) -> GraphChanges | None:
        """See ``GraphStore.last_changes``."""
        return last_changes(self._configured, self._folder)

    def counts(self, contribution: BatchContribution) -> GraphCounts:
        """See ``GraphStore.counts``. What the typed graph lacks is not found, and what it has twice is found twice."""

        async def work(opened: Opened) -> GraphCounts:
            keys = await _keys(self._configured, self._folder)
            found = await reading.counts(opened.rag, contribution, keys)
            return found.with_difference(await opened.typed_difference(contribution, keys))

        return self._read(work)

    def retrieve(self, question: str, mode: str, high: list[str], low: list[str], top_k: int) -> dict[str, Any]:
        """See ``GraphStore.retrieve``; an empty graph gives an empty dictionary."""
        param = reading.query_param(mode, high, low, top_k)
        return self._read(lambda opened: reading.retrieve(opened.rag, question, param))

    def graph(self) -> Graph:
        """See ``GraphStore.graph``."""
        return self._read(lambda opened: reading.graph(opened.rag))

    def describe(self) -> str:
        """The servers and the workspace, and the folder of what is in files."""
        return where(self._configured, self._folder)

    def close(self) -> None:
        """Leave the servers. A store may be used again afterwards."""
        run(self._close())

    def _read(self, work: Callable[[Opened], Awaitable[T]]) -> T:
        async def attempt() -> T:
            opened = await self._open()
            found = await work(opened)
            opened.raise_failure()
            return found

        return run(self._retried(attempt))

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[tuple[Opened, ServedArchive, Archived]]:
        """The graph, for one writer at a time."""
        opened = await self._open()
        async with open_archive(self._configured, self._folder) as archive, archive.locked():
            yield opened, archive, await last_state(opened, archive, self._encoder)

    async def _open(self) -> Opened:
        async with self._opening:
            if self._opened is None:
                opening = open_servers(self._configured, self._folder, self._encoder)
                self._opened = await self._closing.enter_async_context(opening)
        return self._opened

    async def _close(self) -> None:
        async with self._opening:
            self._opened, closing, self._closing = None, self._closing, AsyncExitStack()
            await closing.aclose()

    async def _retried(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of ``work``, which may be done again from its beginning, on new connections."""

        async def attempt() -> T:
            with explained():
                return await work()

        async def again(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            _log.warning(
                Event.GRAPH_SERVER_RETRIED,
                attempt=state.attempt_number,
                error_type=type(error).__name__,
                error=str(error),
                wait_seconds=state.upcoming_sleep,
            )
            await self._close()

        retrying = AsyncRetrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential(_FIRST_WAIT, max=_LONGEST_WAIT),
            retry=retry_if_exception_type(ServiceUnavailableError),
            before_sleep=again,
            reraise=True,
        )
        return await retrying(attempt)


def last_changes(configured: Settings, folder: Path) -> GraphChanges | None:
    """What the last write changed; no model is needed for it."""

    async def work() -> GraphChanges | None:
        with explained():
            async with open_archive(configured, folder) as archive:
                return await archive.changes()

    return run(work())


def graph_keys(configured: Settings, folder: Path) -> dict[str, str]:
    """Thing → key of its node; no model is needed for it."""
    return run(_keys(configured, folder))


async def _keys(configured: Settings, folder: Path) -> dict[str, str]:
    return (await _corpus(configured, folder)).keys


async def _corpus(configured: Settings, folder: Path) -> Corpus:
    with explained():
        async with open_archive(configured, folder) as archive:
            kept = await archive.read()
    return kept.corpus if kept else Corpus()


def where(configured: Settings, folder: Path) -> str:
    """The servers and the workspace, and the folder of what is in files."""
    storages, places = configured.storages, []
    if storages.use_neo4j:
        places.append(f"{configured.neo4j_uri}/{configured.neo4j_database}")
    if storages.use_postgres:
        host, port = configured.postgres_host, configured.postgres_port
        places.append(f"postgresql://{host}:{port}/{configured.postgres_database}")
    if storages.use_files:
        places.append(str(folder))
    return f"workspace {configured.aegis_workspace} in {', '.join(places)}"
