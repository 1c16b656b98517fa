"""LightRAG's own pipeline and storages on our extraction: what our rows and files are held against."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import networkx as nx
from lightrag import LightRAG
from lightrag.operate import _process_json_extraction_result
from lightrag.utils import CacheData, compute_args_hash, generate_cache_key, save_to_cache, update_chunk_cache_list

from aegis_pipeline.graph import BatchContribution
from aegis_pipeline.graph.contributions import ChunkFacts
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.document_rows import _extraction
from aegis_pipeline.graph.lightrag_adapter import base_options, closing
from aegis_pipeline_tests.graph.worlds import ENCODER

Stores = dict[str, dict[Any, dict[str, Any]]]
_NEVER = 10**9


async def no_llm(*_: Any, **__: Any) -> str:
    raise AssertionError("an LLM was asked")


@asynccontextmanager
async def stock(root: Path, workspace: str) -> AsyncIterator[LightRAG]:
    """LightRAG as it comes, on the files under ``root/workspace``."""
    rag = LightRAG(**base_options(root, workspace, ENCODER, 10), llm_model_func=no_llm)
    async with closing(rag, workspace):
        yield rag


class OwnPipeline(LightRAG):
    """LightRAG that is told what an LLM would find."""

    said: Mapping[str, str] = {}

    async def _process_extract_entities(self, chunk: dict[str, Any], *_: Any, **__: Any) -> list[Any]:
        return [await self._found(chunk_id, row["file_path"]) for chunk_id, row in chunk.items()]

    async def _found(self, chunk_id: str, file_path: str) -> Any:
        said = self.said[chunk_id]
        args_hash = compute_args_hash("aegis", chunk_id, said)
        cached = CacheData(args_hash=args_hash, content=said, prompt="", cache_type="extract", chunk_id=chunk_id)
        await save_to_cache(self.llm_response_cache, cached)
        await update_chunk_cache_list(chunk_id, self.text_chunks, [generate_cache_key("default", "extract", args_hash)])
        return await _process_json_extraction_result(said, chunk_id, 7, file_path)


async def insert_by_lightrag(
    root: Path, workspace: str, contribution: BatchContribution, graph_storage: str = "NetworkXStorage"
) -> None:
    """Write ``contribution`` by LightRAG's own insertion and merge, with its own storages."""
    rag = OwnPipeline(
        **base_options(root, workspace, ENCODER, 10),
        graph_storage=graph_storage,
        llm_model_func=no_llm,
        force_llm_summary_on_merge=_NEVER,
        summary_max_tokens=_NEVER,
        summary_context_size=_NEVER,
    )
    keys = Corpus({contribution.batch: contribution}).keys
    documents = {document.text: document for document in contribution.documents}
    rag.chunking_func = lambda _tokenizer, text, *_: [
        {
            "chunk_id": chunk.id,
            "content": chunk.text,
            "tokens": len(rag.tokenizer.encode(chunk.text)),
            "chunk_order_index": chunk.index,
            "sidecar": {"path": documents[text].path, "start": chunk.span.start, "end": chunk.span.end},
        }
        for chunk in documents[text].chunks
    ]
    rag.said = {
        chunk.id: _extraction(document.facts.get(chunk.id, ChunkFacts()), keys)
        for document in documents.values()
        for chunk in document.chunks
    }
    async with closing(rag, workspace):
        ids = [document.document_id for document in documents.values()]
        await rag.ainsert(list(documents), ids=ids, file_paths=[d.file_path for d in documents.values()])


def stored(folder: Path) -> Stores:
    """Every row in the files under ``folder``, read by the libraries that LightRAG reads them with."""
    found: Stores = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("kv_store_*.json")}
    for path in folder.glob("vdb_*.json"):
        found[path.stem] = {row["__id__"]: row for row in json.loads(path.read_text("utf-8"))["data"]}
    graph = nx.read_graphml(folder / "graph_chunk_entity_relation.graphml")
    found["nodes"] = dict(graph.nodes(data=True))
    found["edges"] = {tuple(sorted(pair)): graph.edges[pair] for pair in graph.edges}
    return found
