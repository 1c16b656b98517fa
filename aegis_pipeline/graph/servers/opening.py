"""LightRAG on the servers of the settings, and the archive of what it holds."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from lightrag import LightRAG
from lightrag.kg import STORAGE_IMPLEMENTATIONS, STORAGES

from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.lightrag_adapter import base_options, closing, no_llm
from aegis_pipeline.graph.neo4j.storage import AegisNeo4jStorage
from aegis_pipeline.graph.postgres.archive import postgres_archive
from aegis_pipeline.graph.postgres.database import Database
from aegis_pipeline.graph.postgres.storages import AegisPGDocStatusStorage, AegisPGKVStorage, AegisPGVectorStorage
from aegis_pipeline.graph.served_archive import FolderArchive, ServedArchive
from aegis_pipeline.graph.servers.neo4j_checks import check_neo4j
from aegis_pipeline.graph.servers.postgres_checks import check_postgres
from aegis_pipeline.graph.store import GraphCounts
from aegis_pipeline.models import Encoder
from aegis_pipeline.settings import GraphStorage, RowStorage, Settings, Storages

_LONGEST_MODEL = 30  # characters: PostgreSQL cuts a table's name at 63, and LightRAG's own part takes up to 28
_FILES = {
    "KV_STORAGE": "JsonKVStorage",
    "VECTOR_STORAGE": "NanoVectorDBStorage",
    "GRAPH_STORAGE": "NetworkXStorage",
    "DOC_STATUS_STORAGE": "JsonDocStatusStorage",
}
_SERVERS = {
    "KV_STORAGE": AegisPGKVStorage,
    "VECTOR_STORAGE": AegisPGVectorStorage,
    "GRAPH_STORAGE": AegisNeo4jStorage,
    "DOC_STATUS_STORAGE": AegisPGDocStatusStorage,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """LightRAG, and the database below those of its storages that are in PostgreSQL."""

    rag: LightRAG
    database: Database | None

    @property
    def in_neo4j(self) -> bool:
        """Whether nodes and edges are there."""
        return isinstance(self.rag.chunk_entity_relation_graph, AegisNeo4jStorage)

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Everything in the block is one transaction of PostgreSQL."""
        return self.database.transaction() if self.database else nullcontext()

    async def typed_difference(self, contribution: BatchContribution, keys: Mapping[str, str]) -> GraphCounts:
        """How many more than it should the typed graph has of ``contribution``; none where there is no such graph."""
        graph = self.rag.chunk_entity_relation_graph
        return await graph.typed_difference(contribution, keys) if self.in_neo4j else GraphCounts()

    def raise_failure(self) -> None:
        """LightRAG logs some failures of PostgreSQL and goes on; here they are raised."""
        if self.database:
            self.database.raise_failure()


@asynccontextmanager
async def open_servers(configured: Settings, folder: Path, encoder: Encoder) -> AsyncIterator[Opened]:
    """LightRAG on the storages of the settings, those in files under ``folder``; closed when the block ends.

    Raises:
        ServiceUnavailableError: a server does not answer.
        SettingsError: the address, the user, the password or the database of one is wrong.
        GraphError: a server cannot hold the graph.
    """
    await _check(configured)
    database = Database(configured) if configured.storages.use_postgres else None
    rag = _lightrag(configured, folder, encoder, database)
    async with AsyncExitStack() as stack:
        if database:
            stack.push_async_callback(database.close)
        async with database.preparing() if database else nullcontext():
            await stack.enter_async_context(closing(rag, configured.aegis_workspace))
        yield Opened(rag, database)


@asynccontextmanager
async def open_archive(configured: Settings, folder: Path) -> AsyncIterator[ServedArchive]:
    """What the graph of the settings was made from, where its key-value rows are; no model is needed for it."""
    if configured.storages.rows is RowStorage.FILES:
        yield FolderArchive(folder)
        return
    await check_postgres(configured)
    async with postgres_archive(configured) as archive:
        yield archive


async def _check(configured: Settings) -> None:
    if configured.storages.use_neo4j:
        await check_neo4j(configured)
    if configured.storages.use_postgres:
        await check_postgres(configured)


def _lightrag(configured: Settings, folder: Path, encoder: Encoder, database: Database | None) -> LightRAG:
    workspace, batch_size = configured.aegis_workspace, configured.extraction_batch_size
    options = base_options(folder, workspace, encoder, batch_size, table_suffix(configured.encoder_model))
    rag = LightRAG(**options, **_register(configured.storages), llm_model_func=no_llm)
    for storage in rag._index_storages():
        if hasattr(storage, "db"):
            storage.db = database
        elif isinstance(storage, AegisNeo4jStorage):
            storage.configured = configured
    return rag


def table_suffix(encoder_model: str) -> str:
    """The encoder's name in the names of LightRAG's tables of vectors: letters, digits and ``_``."""
    return re.sub(r"\W", "_", encoder_model.rstrip("/").rsplit("/", 1)[-1].lower(), flags=re.ASCII)[-_LONGEST_MODEL:]


def _register(storages: Storages) -> dict[str, str]:
    """Make LightRAG find these storages by name; the options that choose them."""
    places = {
        "KV_STORAGE": storages.rows,
        "VECTOR_STORAGE": storages.vectors,
        "GRAPH_STORAGE": storages.graph,
        "DOC_STATUS_STORAGE": storages.statuses,
    }
    return {kind.lower(): _name(kind, place) for kind, place in places.items()}


def _name(kind: str, place: str) -> str:
    if place == GraphStorage.FILES:
        return _FILES[kind]
    storage = _SERVERS[kind]
    if storage.__name__ not in STORAGES:
        STORAGES[storage.__name__] = storage.__module__
        STORAGE_IMPLEMENTATIONS[kind]["implementations"].append(storage.__name__)
    return storage.__name__
