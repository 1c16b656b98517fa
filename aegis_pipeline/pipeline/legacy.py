"""The legacy arm: LightRAG's own extraction by an LLM, as it comes, for comparison with ours.

Its graph lies under ``AEGIS_HOME/legacy``, apart from ours. LightRAG's defaults hold (chunks of 1,200 tokens, one
gleaning), but for the tokenizer and the vectors, which are the encoder's: LightRAG's own tokenizer is a download.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from lightrag import LightRAG, QueryParam
from lightrag.base import DocStatus

from aegis_pipeline.errors import ModelError, ServiceUnavailableError
from aegis_pipeline.graph import Answer, ask
from aegis_pipeline.graph.lightrag_adapter import base_options, closing
from aegis_pipeline.graph.loop import run
from aegis_pipeline.graph.reading import query_param
from aegis_pipeline.models import Encoder, EncoderTokenizer, load_spacy
from aegis_pipeline.pipeline.graph_pipeline import InsertReport
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.settings import Settings

_WORKSPACE = "legacy"
_OPTIONS = {"num_ctx": 16384, "num_predict": 4096, "temperature": 0}


@dataclass(frozen=True, slots=True)
class LegacyPipeline:
    """LightRAG with an LLM on an Ollama server."""

    settings: Settings
    encoder: Encoder

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        """See ``GraphPipeline.insert``; a document that LightRAG could not extract is among the failed.

        Raises:
            ServiceUnavailableError: no Ollama server answers.
            ModelError: the server does not have the model.
        """
        return run(self._insert(documents))

    async def _insert(self, documents: Sequence[Document]) -> InsertReport:
        await self._check_server()
        async with self._open() as rag:
            ids = [document.id for document in documents]
            known = dict(zip(ids, await rag.doc_status.get_by_ids(ids), strict=True))
            done = {document_id for document_id, row in known.items() if _is_processed(row)}
            unchanged = {d.id for d in documents if d.id in done and await _text(rag, d.id) == d.text}
            for document_id in sorted(i for i, row in known.items() if row and i not in unchanged):
                await rag.adelete_by_doc_id(document_id)
            new = [document for document in documents if document.id not in unchanged]
            await rag.ainsert([d.text for d in new], ids=[d.id for d in new], file_paths=[d.id for d in new])
            failed = await _failures(rag, [document.id for document in new])
        written = tuple(document.id for document in new if document.id not in failed)
        return InsertReport(written, tuple(sorted(unchanged)), failed)

    def query(self, question: str, mode: QueryMode, top_k: int) -> Answer:
        """See ``GraphPipeline.query``: retrieval is the same as ours, on LightRAG's own graph."""
        nlp = load_spacy(self.settings.spacy_model, device=self.settings.device)
        return ask(self, nlp, self.encoder, question, mode, top_k)

    def retrieve(self, question: str, mode: str, high: list[str], low: list[str], top_k: int) -> dict[str, Any]:
        """As ``GraphStore.retrieve``; LightRAG's extraction gives no statements."""
        return run(self._retrieve(question, query_param(mode, high, low, top_k)))

    async def _retrieve(self, question: str, param: QueryParam) -> dict[str, Any]:
        async with self._open() as rag:
            data: dict[str, Any] = (await rag.aquery_data(question, param)).get("data") or {}
            for row in data.get("chunks", []):
                chunk = await rag.text_chunks.get_by_id(row["chunk_id"])
                row["sources"] = [{"path": chunk["file_path"], "start": chunk["start"], "end": chunk["end"]}]
            for row in [*data.get("entities", []), *data.get("relationships", [])]:
                row |= {"sources": [], "statements": []}
        return data

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[LightRAG]:
        rag = LightRAG(
            **base_options(self.settings.home, _WORKSPACE, self.encoder, self.settings.extraction_batch_size),
            llm_model_func=self._complete,
            llm_model_name=self.settings.ollama_model,
            llm_model_max_async=self.settings.extraction_max_workers,
            chunking_func=partial(_chunk_rows, self.encoder.tokenizer),
        )
        async with closing(rag, _WORKSPACE):
            yield rag

    async def _complete(
        self, prompt: str, system_prompt: str | None = None, history_messages: Sequence[Any] = (), **_: Any
    ) -> str:
        from ollama import AsyncClient

        system = [{"role": "system", "content": system_prompt}] if system_prompt else []
        messages = [*system, *history_messages, {"role": "user", "content": prompt}]
        client = AsyncClient(self.settings.ollama_host)
        answer = await client.chat(self.settings.ollama_model, messages, options=_OPTIONS)
        return answer.message.content or ""

    async def _check_server(self) -> None:
        from httpx import HTTPError
        from ollama import AsyncClient, ResponseError

        host, model = self.settings.ollama_host, self.settings.ollama_model
        try:
            listed = await asyncio.wait_for(AsyncClient(host).list(), timeout=10)
        except (OSError, TimeoutError, HTTPError, ResponseError) as error:
            raise ServiceUnavailableError(f"No Ollama server answers at {host}: start it by `ollama serve`.") from error
        if not serves({entry.model for entry in listed.models}, model):
            raise ModelError(f"The Ollama server at {host} does not have {model!r}: `ollama pull {model}`.")


def serves(names: Set[str | None], model: str) -> bool:
    """Whether ``model`` is among what an Ollama server lists; a name without a tag means the tag ``latest``."""
    return bool({model, f"{model}:latest"} & names)


def _chunk_rows(
    tokenizer: EncoderTokenizer, _: Any, content: str, _by: Any, _only: Any, overlap: int, size: int
) -> list[dict[str, Any]]:
    """LightRAG's own chunks, but cut from the text: its chunker decodes tokens, and ours have no capitals."""
    tokens = tokenizer.spans(content)
    pieces = [tokens[first : first + size] for first in range(0, len(tokens), size - overlap)]
    return [
        {
            "content": content[piece[0][0] : piece[-1][1]],
            "tokens": len(piece),
            "chunk_order_index": index,
            "start": piece[0][0],
            "end": piece[-1][1],
        }
        for index, piece in enumerate(pieces)
    ]


async def _text(rag: LightRAG, document_id: str) -> str | None:
    row = await rag.full_docs.get_by_id(document_id)
    return str(row["content"]) if row else None


async def _failures(rag: LightRAG, document_ids: list[str]) -> dict[str, str]:
    """LightRAG does not raise when a document fails: what its status says."""
    rows = await rag.doc_status.get_by_ids(document_ids)
    return {
        document_id: str((row or {}).get("error_msg") or "not in the graph")
        for document_id, row in zip(document_ids, rows, strict=True)
        if not _is_processed(row)
    }


def _is_processed(row: dict[str, Any] | None) -> bool:
    return row is not None and row.get("status") == DocStatus.PROCESSED
