"""LightRAG's PostgreSQL storages on a database of ours: ``db`` must be set before they are opened.

Their parents take the process's one database, which is made from the environment.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from lightrag.kg.postgres_impl import PGDocStatusStorage, PGKVStorage, PGVectorStorage, namespace_to_table_name

from aegis_pipeline.graph.update import Update


async def _row_ids(storage: Any, table: str) -> list[str]:
    query = f"SELECT id FROM {table} WHERE workspace = $1"  # noqa: S608 - the name is LightRAG's
    return [row["id"] for row in await storage.db.query(query, [storage.workspace], multirows=True)]


class AegisPGKVStorage(PGKVStorage):  # type: ignore[misc]
    """Rows."""

    async def row_ids(self) -> list[str]:
        """The ids of all rows."""
        return await _row_ids(self, namespace_to_table_name(self.namespace))

    async def finalize(self) -> None:
        """Leave the database to the one who made it."""
        self.db = None


class AegisPGDocStatusStorage(PGDocStatusStorage):  # type: ignore[misc]
    """Statuses of documents."""

    async def row_ids(self) -> list[str]:
        """The ids of all rows."""
        return await _row_ids(self, namespace_to_table_name(self.namespace))

    async def finalize(self) -> None:
        """Leave the database to the one who made it."""
        self.db = None


class AegisPGVectorStorage(PGVectorStorage):  # type: ignore[misc]
    """Vectors. A row whose text is the same keeps its vector: nothing is encoded for it."""

    async def row_ids(self) -> list[str]:
        """The ids of all rows."""
        return await _row_ids(self, self.table_name)

    async def finalize(self) -> None:
        """Leave the database to the one who made it. Whatever was not flushed by then belongs to a failed write."""
        await self.drop_pending_index_ops()
        self.db = None

    async def keep_vectors(self, row_ids: Iterable[str]) -> None:
        """Of the rows that wait to be written, those of ``row_ids`` get the vectors that they have in the database."""
        waiting = {row_id: self._pending_vector_docs.pop(row_id) for row_id in row_ids}
        vectors: Mapping[str, list[float]] = await self.get_vectors_by_ids(list(waiting))
        for row_id, row in waiting.items():
            if row_id in vectors:
                row.vector = np.asarray(vectors[row_id], dtype=np.float32)
            self._pending_vector_docs[row_id] = row


def same_text(update: Update, store: str) -> list[str]:
    """The ids of the rows to write into a store of vectors whose text is what it was."""
    before, unsure = update.before.get(store, {}), update.unsure.get(store, ())
    return [
        row_id
        for row_id, row in update.written(store).items()
        if row_id in before and row_id not in unsure and before[row_id]["content"] == row["content"]
    ]
