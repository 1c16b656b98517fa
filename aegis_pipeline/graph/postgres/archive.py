"""What a graph in servers was made from, in three tables of our own: a small change of it writes few rows."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg

from aegis_pipeline.graph.archive import VERSION, document_of, names_of, plain_document
from aegis_pipeline.graph.changes import GraphChanges, dump_changes, load_changes
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.postgres.database import connected, locked
from aegis_pipeline.graph.served_archive import Archived, dump_ids, load_ids, wrong_version
from aegis_pipeline.graph.undo import Undo, plain_undo, undo_from
from aegis_pipeline.graph.update import RowIds
from aegis_pipeline.settings import Settings

_TABLES = """
CREATE TABLE IF NOT EXISTS aegis_graphs (
    workspace text PRIMARY KEY, version integer NOT NULL, encoder text NOT NULL, pending text, changes text
);
CREATE TABLE IF NOT EXISTS aegis_batches (
    workspace text, batch text, names text NOT NULL, undo text NOT NULL, PRIMARY KEY (workspace, batch)
);
CREATE TABLE IF NOT EXISTS aegis_documents (
    workspace text, document text, batch text NOT NULL, content text NOT NULL, PRIMARY KEY (workspace, document)
);
"""
_BEGIN = """
INSERT INTO aegis_graphs (workspace, version, encoder, pending) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace) DO UPDATE SET pending = EXCLUDED.pending
"""
_KEEP_DOCUMENT = """
INSERT INTO aegis_documents (workspace, document, batch, content) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace, document) DO UPDATE SET batch = EXCLUDED.batch, content = EXCLUDED.content
"""
_KEEP_BATCH = """
INSERT INTO aegis_batches (workspace, batch, names, undo) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace, batch) DO UPDATE SET names = EXCLUDED.names, undo = EXCLUDED.undo
"""


@asynccontextmanager
async def postgres_archive(configured: Settings) -> AsyncIterator["PostgresArchive"]:
    """The archive of the settings' workspace, on a connection of its own."""
    async with connected(configured) as connection:
        if await connection.fetchval("SELECT to_regclass('aegis_documents') IS NULL"):
            async with locked(connection, "aegis/archive"):
                await connection.execute(_TABLES)
        yield PostgresArchive(connection, configured.aegis_workspace)


class PostgresArchive:
    """The rows of one workspace. A batch that was removed keeps its row, with no names, for it can be put back."""

    def __init__(self, connection: asyncpg.Connection, workspace: str) -> None:
        self._connection = connection
        self._workspace = workspace

    def locked(self) -> AbstractAsyncContextManager[Any]:
        """See ``ServedArchive.locked``."""
        return locked(self._connection, f"aegis/{self._workspace}")

    async def read(self) -> Archived | None:
        """See ``ServedArchive.read``."""
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            graph = await self._row("SELECT version, encoder, pending FROM aegis_graphs WHERE workspace = $1")
            if graph is None:
                return None
            if graph["version"] != VERSION:
                raise wrong_version(f"Workspace {self._workspace!r}", graph["version"])
            pending = load_ids(graph["pending"]) if graph["pending"] else {}
            return Archived(graph["encoder"], await self._corpus(), pending)

    async def _corpus(self) -> Corpus:
        documents: dict[str, list[Any]] = {}
        for row in await self._rows(
            "SELECT batch, content FROM aegis_documents WHERE workspace = $1 ORDER BY document"
        ):
            documents.setdefault(row["batch"], []).append(document_of(json.loads(row["content"])))
        names = await self._rows("SELECT batch, names FROM aegis_batches WHERE workspace = $1")
        return Corpus(
            {
                row["batch"]: BatchContribution(
                    row["batch"], tuple(documents[row["batch"]]), names_of(json.loads(row["names"]))
                )
                for row in names
                if row["batch"] in documents
            }
        )

    async def begin(self, encoder: str, pending: RowIds) -> None:
        """See ``ServedArchive.begin``."""
        await self._connection.execute(_BEGIN, self._workspace, VERSION, encoder, dump_ids(pending))

    async def commit(self, before: Corpus, after: Corpus, undo: Undo, changes: GraphChanges, /) -> None:
        """See ``ServedArchive.commit``."""
        workspace = self._workspace
        changed = {name for name, batch in after.batches.items() if before.batches.get(name) != batch}
        kept = [
            (workspace, document.document_id, name, json.dumps(plain_document(document)))
            for name in changed
            for document in after.batches[name].documents
            if before.documents.get(document.document_id) != document
        ]
        undo_text = json.dumps(plain_undo(undo))
        names = [(workspace, n, json.dumps(after.share(n).names), undo_text) for n in sorted({changes.batch} | changed)]
        async with self._connection.transaction():
            await self._connection.execute(
                "DELETE FROM aegis_documents WHERE workspace = $1 AND document = ANY($2)",
                workspace,
                sorted(before.documents.keys() - after.documents.keys()),
            )
            await self._connection.executemany(_KEEP_DOCUMENT, kept)
            await self._connection.executemany(_KEEP_BATCH, names)
            await self._connection.execute(
                "UPDATE aegis_graphs SET pending = NULL, changes = $2 WHERE workspace = $1",
                workspace,
                dump_changes(changes).decode(),
            )

    async def undo(self, batch: str) -> Undo | None:
        """See ``ServedArchive.undo``."""
        row = await self._row("SELECT undo FROM aegis_batches WHERE workspace = $1 AND batch = $2", batch)
        return undo_from(batch, json.loads(row["undo"])) if row else None

    async def changes(self) -> GraphChanges | None:
        """See ``ServedArchive.changes``."""
        row = await self._row("SELECT changes FROM aegis_graphs WHERE workspace = $1")
        return load_changes(row["changes"]) if row and row["changes"] else None

    async def _row(self, query: str, *values: str) -> Any:
        return await self._connection.fetchrow(query, self._workspace, *values)

    async def _rows(self, query: str) -> Any:
        return await self._connection.fetch(query, self._workspace)
