"""The connections of LightRAG's PostgreSQL storages, on a server that is named by our settings.

LightRAG keeps one such object for the whole process and makes it from the environment. This one is made from settings,
belongs to one graph, lets everything that a write does be one transaction, and remembers the failures that LightRAG
logs and passes over.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

import asyncpg
from lightrag.kg.postgres_impl import ClientManager, PostgreSQLDB

from aegis_pipeline.settings import RowStorage, Settings

FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

_CONNECTIONS = 10
_CONNECT_SECONDS, _CLOSE_SECONDS = 10, 5
_LOCK_SECONDS = 0.05  # between two questions for a lock
_ATTEMPTS, _WAIT_SECONDS = 3, 0.5  # of one statement outside a write; a write is tried again as a whole
_PREPARING = "aegis/tables"  # the lock of who makes tables
# LightRAG's columns that are too short for a pair of its own longest names, and for a path whose letters are escaped.
_WIDENED = (("lightrag_relation_chunks", "id"), ("lightrag_doc_full", "doc_name"))

Operation = Callable[[asyncpg.Connection], Awaitable[Any]]
_writing: ContextVar[asyncpg.Connection | None] = ContextVar("writing", default=None)


def address(configured: Settings) -> dict[str, Any]:
    """Where the server is, as asyncpg takes it."""
    password = configured.postgres_password
    return {
        "host": configured.postgres_host,
        "port": configured.postgres_port,
        "user": configured.postgres_user,
        "password": password.get_secret_value() if password else "",
        "database": configured.postgres_database,
    }


@asynccontextmanager
async def connected(configured: Settings) -> AsyncIterator[asyncpg.Connection]:
    """One connection, closed when the block ends."""
    connection = await asyncpg.connect(**address(configured), timeout=_CONNECT_SECONDS)
    try:
        yield connection
    finally:
        with suppress(TimeoutError):  # it is cut off then
            await connection.close(timeout=_CLOSE_SECONDS)


@asynccontextmanager
async def locked(connection: asyncpg.Connection, name: str) -> AsyncIterator[None]:
    """One holder of ``name`` at a time, in every process; the server frees it when the connection ends.

    It is asked for again and again: a statement that waits for it is one that CREATE INDEX CONCURRENTLY waits for, and
    LightRAG makes its indexes so while it has the lock. Both would wait for ever.
    """
    while not await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name):
        await asyncio.sleep(_LOCK_SECONDS)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", name)


class Database(PostgreSQLDB):  # type: ignore[misc]
    """A pool of connections to the server of the settings."""

    def __init__(self, configured: Settings) -> None:
        vectors = "PGVectorStorage" if configured.storages.vectors is RowStorage.POSTGRES else None
        own: dict[str, Any] = {
            "workspace": None,  # the environment's would stand above the store's own
            "max_connections": _CONNECTIONS,
            "connection_retry_attempts": _ATTEMPTS,
            "connection_retry_backoff": _WAIT_SECONDS,
            "connection_retry_backoff_max": _WAIT_SECONDS,
        }
        super().__init__(ClientManager.get_config(vectors) | address(configured) | own)
        self._configured = configured
        self._turn = asyncio.Lock()
        self._failures: list[BaseException] = []

    @asynccontextmanager
    async def preparing(self) -> AsyncIterator[None]:
        """Connect and make LightRAG's tables; its storages make more in the block. One process at a time: two that make
        one table at once are in each other's way."""
        async with connected(self._configured) as connection, locked(connection, _PREPARING):
            await self.initdb()
            await self.check_tables()
            for table, column in _WIDENED:
                await _widen(connection, table, column)
            yield
        self._failures.clear()  # LightRAG asks for tables that are not there yet

    async def close(self) -> None:
        """Close every connection; those of a server that does not answer are cut off."""
        if (pool := self.pool) is not None:
            try:
                await asyncio.wait_for(pool.close(), _CLOSE_SECONDS)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Whatever LightRAG's storages do in the block is one transaction; what it logs as an error ends the block."""
        async with self.pool.acquire() as connection, connection.transaction():
            token = _writing.set(connection)
            try:
                yield
                self.raise_failure()
            finally:
                _writing.reset(token)
                self._failures.clear()

    def raise_failure(self) -> None:
        """The first failure since the last call that LightRAG logged and passed over."""
        failures, self._failures = self._failures, []
        if failures:
            raise failures[0]

    async def _run_with_retry(self, operation: Operation, **options: Any) -> Any:
        connection = _writing.get()
        try:
            if connection is None:
                return await super()._run_with_retry(operation, **options)
            async with self._turn:  # a connection does one thing at a time
                return await operation(connection)
        except FAULTS as error:
            self._failures.append(error)
            raise


async def _widen(connection: asyncpg.Connection, table: str, column: str) -> None:
    """Take the limit from a column that has one. Neither its rows nor its indexes are written anew for that."""
    limit = await connection.fetchval(
        "SELECT character_maximum_length FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = $1 AND column_name = $2",
        table,
        column,
    )
    if limit is not None:
        await connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE text')
