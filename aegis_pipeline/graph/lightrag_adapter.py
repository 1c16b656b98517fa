"""LightRAG with our extraction in place of its LLM: the one private method that we override, and how it is opened.

``LightRAG._process_extract_entities`` returns what LightRAG's own parser makes of our JSON, and the same JSON goes into
the extraction cache, from which LightRAG rebuilds entities when a document is deleted: both read one text, so a graph
after a deletion equals one that never had the document. ``aegis_pipeline_tests/graph/test_lightrag_contract.py`` holds
the installed version to every fact that this file builds on.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from lightrag import LightRAG
from lightrag.kg import shared_storage
from lightrag.operate import _process_json_extraction_result
from lightrag.utils import (
    CacheData,
    EmbeddingFunc,
    Tokenizer,
    compute_args_hash,
    generate_cache_key,
    save_to_cache,
    update_chunk_cache_list,
)

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.contributions import DocumentContribution
from aegis_pipeline.models import Encoder

# LightRAG logs the names that it merges, and those are document text.
logging.getLogger("lightrag").setLevel(logging.CRITICAL)
logging.getLogger("nano-vectordb").setLevel(logging.WARNING)

EMPTY_EXTRACTION = '{"entities": [], "relationships": []}'
_NEVER = 10**9  # no merge is so large that an LLM summarises it or a source is dropped: finish.py has the caps
_EMBEDDING_BATCH = 256  # texts handed to the encoder at once; it sorts them by length and batches by itself


class AegisLightRAG(LightRAG):  # type: ignore[misc]
    """LightRAG whose chunks and extraction are ours. Hand it documents through ``insert_contributions``."""

    # What is being inserted: by text, which is all that LightRAG tells its chunker, and by chunk id. Replaced whole.
    _inserting: Mapping[str, DocumentContribution] = {}
    _extractions: Mapping[str, str] = {}

    async def insert_contributions(self, documents: Sequence[DocumentContribution]) -> None:
        """Insert documents that the store does not hold yet; nothing is on disk before ``one_flush`` ends.

        LightRAG takes documents of equal content for duplicates, ours are documents by their path: so its look-up by
        content is off, and equal contents go in separate calls.
        """
        self.doc_status.get_doc_by_content_hash = _nothing
        try:
            for by_text in _distinct_texts(documents):
                self._inserting = by_text
                self._extractions = {k: v for document in by_text.values() for k, v in document.extractions.items()}
                await self.ainsert(
                    list(by_text),
                    ids=[document.document_id for document in by_text.values()],
                    file_paths=[document.file_path for document in by_text.values()],
                )
        finally:
            del self.doc_status.get_doc_by_content_hash

    def chunk_rows(self, _tokenizer: Tokenizer, content: str, *_: Any) -> list[dict[str, Any]]:
        """LightRAG's ``chunking_func``: our chunks of the document whose text this is."""
        document = self._inserting.get(content)
        if document is None:
            raise GraphError("LightRAG changed a text: apply aegis_pipeline.documents.sanitize before the phases.")
        return [
            {
                "chunk_id": chunk.id,
                "content": chunk.text,
                "tokens": len(self.tokenizer.encode(chunk.text)),
                "chunk_order_index": chunk.index,
                "path": document.path,
                "start": chunk.span.start,
                "end": chunk.span.end,
            }
            for chunk in document.chunks
        ]

    async def _process_extract_entities(self, chunk: dict[str, Any], *_: Any, **__: Any) -> list[Any]:
        """What our extraction found in each chunk of one document: ``[(nodes, edges), …]``."""
        return [await self._extraction(chunk_id, row) for chunk_id, row in chunk.items()]

    async def _extraction(self, chunk_id: str, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[Any, Any]]:
        said = self._extractions.get(chunk_id, EMPTY_EXTRACTION)
        args_hash = compute_args_hash("aegis", chunk_id, said)
        cached = CacheData(args_hash=args_hash, content=said, prompt="", cache_type="extract", chunk_id=chunk_id)
        await save_to_cache(self.llm_response_cache, cached)
        await update_chunk_cache_list(chunk_id, self.text_chunks, [generate_cache_key("default", "extract", args_hash)])
        nodes, edges = await _process_json_extraction_result(said, chunk_id, int(time.time()), row["file_path"])
        _check_all_read(chunk_id, json.loads(said), nodes, edges)
        return nodes, edges

    @asynccontextmanager
    async def one_flush(self) -> AsyncIterator[None]:
        """Hold back every write to disk until the block ends, then write once; not at all when it fails.

        LightRAG writes each file store whole after each document, which makes a batch quadratic: 320 documents took
        87 ms each with a flush a document and 8 ms with one flush.
        """
        stores = self._index_storages()
        for store in stores:
            store.index_done_callback = _nothing
        try:
            yield
        finally:
            for store in stores:
                del store.index_done_callback
        await self._insert_done()


def _check_all_read(chunk_id: str, said: Mapping[str, Any], nodes: Collection[str], edges: Collection[Any]) -> None:
    """LightRAG drops, with no more than a line in its log, what it does not like: then the document must fail."""
    names = {entity["name"] for entity in said["entities"]}
    pairs = {(relation["source"], relation["target"]) for relation in said["relationships"]}
    if names != set(nodes) or pairs != set(edges):
        raise GraphError(
            f"LightRAG read {len(nodes)} of {len(names)} entities and {len(edges)} of {len(pairs)} pairs of {chunk_id}"
            ", or under other names: graph keys must be as aegis_pipeline.entities.graph_key makes them."
        )


async def _nothing(*_: Any, **__: Any) -> None:
    """Stands in for a storage's method while it is held back."""


async def _no_llm(*_: Any, **__: Any) -> str:
    raise GraphError("The embedded graph asked for an LLM: it never does with our extraction. Please report this.")


def _distinct_texts(documents: Sequence[DocumentContribution]) -> list[dict[str, DocumentContribution]]:
    """Groups of documents by text, such that no text stands twice in a group."""
    groups: list[dict[str, DocumentContribution]] = []
    for document in documents:
        for group in groups:
            if document.text not in group:
                group[document.text] = document
                break
        else:
            groups.append({document.text: document})
    return groups


def base_options(root: Path, workspace: str, encoder: Encoder, batch_size: int) -> dict[str, Any]:
    """What every LightRAG of ours has: file stores under ``root/workspace``, and the encoder's vectors and tokens."""

    async def embed(texts: list[str], **_: Any) -> np.ndarray:
        return await asyncio.to_thread(encoder.encode, texts, batch_size)

    return {
        "working_dir": str(root),
        "workspace": workspace,
        "embedding_func": EmbeddingFunc(embedding_dim=encoder.dimension, func=embed),
        "embedding_batch_num": _EMBEDDING_BATCH,
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
async def open_lightrag(root: Path, workspace: str, encoder: Encoder, batch_size: int) -> AsyncIterator[AegisLightRAG]:
    """LightRAG with our extraction on the file stores under ``root/workspace``; closed when the block ends."""
    options = base_options(root, workspace, encoder, batch_size)
    options["embedding_func"].max_token_size = encoder.max_tokens
    rag = AegisLightRAG(
        **options,
        llm_model_func=_no_llm,
        force_llm_summary_on_merge=_NEVER,
        summary_max_tokens=_NEVER,
        summary_context_size=_NEVER,
        max_source_ids_per_entity=_NEVER,
        max_source_ids_per_relation=_NEVER,
        max_file_paths=_NEVER,
    )
    # A function, not the bound method: LightRAG deep-copies its fields for every document.
    rag.chunking_func = lambda *arguments: rag.chunk_rows(*arguments)
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
