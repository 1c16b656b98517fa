"""How LightRAG is opened, on the storages of one generation, and closed so that nothing of it is left in the process.

``aegis_pipeline_tests/graph/test_lightrag_contract.py`` holds the installed version to every fact that this builds on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from lightrag import LightRAG
from lightrag.kg import shared_storage
from lightrag.utils import EmbeddingFunc, Tokenizer

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.storages import register
from aegis_pipeline.models import Encoder

# LightRAG logs the names that it merges, and those are document text.
logging.getLogger("lightrag").setLevel(logging.CRITICAL)
logging.getLogger("nano-vectordb").setLevel(logging.WARNING)

_EMBEDDING_BATCH = 256  # texts handed to the encoder at once; it sorts them by length and batches by itself
_EMBEDDING_SECONDS = 3600  # the encoder is in this process: busy, it is slow, and does not hang


async def no_llm(*_: Any, **__: Any) -> str:
    """The model of a graph that has none.

    Raises:
        GraphError: it was asked.
    """
    raise GraphError("The graph asked for an LLM: it never does. Please report this.")


def base_options(
    root: Path, workspace: str, encoder: Encoder, batch_size: int, model_name: str | None = None
) -> dict[str, Any]:
    """What every LightRAG of ours has: file stores under ``root/workspace``, and the encoder's vectors and tokens.

    ``model_name`` becomes part of the names of tables of vectors, where they are in a server.
    """

    async def embed(texts: list[str], **_: Any) -> np.ndarray:
        return await asyncio.to_thread(encoder.encode, texts, batch_size)

    return {
        "working_dir": str(root),
        "workspace": workspace,
        "embedding_func": EmbeddingFunc(embedding_dim=encoder.dimension, func=embed, model_name=model_name),
        "embedding_batch_num": _EMBEDDING_BATCH,
        "default_embedding_timeout": _EMBEDDING_SECONDS,
        "tokenizer": Tokenizer("encoder", encoder.tokenizer),
    }


@asynccontextmanager
async def closing(rag: LightRAG, workspace: str) -> AsyncIterator[None]:
    """Open the stores of ``rag``; close them, and forget them, when the block ends."""
    await rag.initialize_storages()
    try:
        yield
    finally:
        await rag.finalize_storages()
        _forget(workspace)


@asynccontextmanager
async def open_lightrag(root: Path, workspace: str, encoder: Encoder, batch_size: int) -> AsyncIterator[LightRAG]:
    """LightRAG on the files under ``root/workspace``, which it asks no LLM for; closed when the block ends."""
    rag = LightRAG(**base_options(root, workspace, encoder, batch_size), **register(), llm_model_func=no_llm)
    async with closing(rag, workspace):
        yield rag


def _forget(workspace: str) -> None:
    """Drop what LightRAG keeps of ``workspace`` for the whole process, so that the next to open it reads the disk."""
    registries = (
        shared_storage._shared_dicts,
        shared_storage._init_flags,
        shared_storage._update_flags,
        shared_storage._namespace_data_cache,
        shared_storage._pipeline_ingress_local,
        shared_storage._scan_job_store_local,
    )
    for registry in registries:
        for key in [key for key in registry or () if key.startswith(f"{workspace}:")]:
            del registry[key]
