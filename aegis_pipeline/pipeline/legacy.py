"""The legacy arm: LightRAG's own extraction by an LLM, as it comes, for comparison with ours.

Its graph lies in files under ``AEGIS_HOME/legacy``, whatever the profile says, and nothing of it is ever written to
ours. LightRAG's defaults hold (chunks of 1,200 tokens, one gleaning), but for the tokenizer and the vectors, which are
the encoder's: LightRAG's own tokenizer is a download.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from lightrag import LightRAG, QueryParam

from aegis_pipeline.graph import Answer, ask
from aegis_pipeline.graph.contributions import encode_file_path
from aegis_pipeline.graph.lightrag_adapter import base_options, closing
from aegis_pipeline.graph.loop import run
from aegis_pipeline.graph.reading import query_param
from aegis_pipeline.models import Encoder, EncoderTokenizer, load_encoder, load_spacy
from aegis_pipeline.pipeline import legacy_rows
from aegis_pipeline.pipeline.graph_pipeline import LIBRARY_BATCH, InsertReport
from aegis_pipeline.pipeline.kept import digest
from aegis_pipeline.pipeline.legacy_llm import LegacyLLM, Usage, legacy_llm
from aegis_pipeline.pipeline.legacy_rows import LegacyDocument
from aegis_pipeline.pipeline.stores import legacy_root
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class LegacyUpdate:
    """What bringing a batch up to date did: to its documents, to those that are no longer in it, and by the model."""

    documents: InsertReport
    removed: tuple[str, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class LegacyPipeline:
    """LightRAG with an LLM. One call at a time, in this process and in every other: LightRAG has no more writers."""

    settings: Settings
    encoder: Encoder
    llm: LegacyLLM

    @classmethod
    def from_settings(cls, settings: Settings) -> "LegacyPipeline":
        """With the encoder and the model that the settings name; the model's server is asked at the first use.

        Raises:
            ModelError: the encoder is not there.
            SettingsError: the package that speaks to the model's server is not installed.
        """
        return cls(settings, load_encoder(settings.encoder_model, device=settings.device), legacy_llm(settings))

    @property
    def folder(self) -> Path:
        """Where the graph is."""
        return legacy_root(self.settings)

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        """See ``GraphPipeline.insert``; a document that LightRAG could not extract is among the failed.

        Raises:
            ServiceUnavailableError: the model's server does not answer.
            ModelError: the server does not have the model.
            GraphError: LightRAG could not take out what is replaced.
        """
        with self._locked():
            return run(self._update(LIBRARY_BATCH, documents, keep_others=True)).documents

    def update(self, batch: str, documents: Sequence[Document]) -> LegacyUpdate:
        """Make the graph hold exactly ``documents`` of the batch; one that is there unchanged, by this model, stays.

        Raises:
            ServiceUnavailableError, ModelError, GraphError: as ``insert``.
        """
        with self._locked():
            return run(self._update(batch, documents, keep_others=False))

    def documents(self, batch: str) -> tuple[LegacyDocument, ...]:
        """Every document of the batch that LightRAG has processed, read back from its stores, in order of path."""
        with self._locked():
            return run(self._documents(batch))

    def query(self, question: str, mode: QueryMode, top_k: int) -> Answer:
        """See ``GraphPipeline.query``: retrieval is the same as ours, on LightRAG's own graph."""
        nlp = load_spacy(self.settings.spacy_model, device=self.settings.device)
        schema = load_schema(self.settings.relation_schema)
        return ask(self, nlp, self.encoder, schema, question, mode, top_k)

    def retrieve(self, question: str, mode: str, high: list[str], low: list[str], top_k: int) -> dict[str, Any]:
        """As ``GraphStore.retrieve``; LightRAG's extraction gives no statements."""
        with self._locked():
            return run(self._retrieve(question, query_param(mode, high, low, top_k)))

    async def _update(self, batch: str, documents: Sequence[Document], *, keep_others: bool) -> LegacyUpdate:
        usage, version = Usage(), self._version
        async with self._open(usage) as rag:
            known = await legacy_rows.paths_of(rag, batch)
            same = {document.id for document in documents if await legacy_rows.holds(rag, batch, document, version)}
            new = [document for document in documents if document.id not in same and document.text.strip()]
            if new:
                await self.llm.check()
            asked = {document.id for document in documents}
            outdated = (known.keys() & asked if keep_others else known.keys()) - same
            for document_id in sorted(outdated):
                await legacy_rows.delete(rag, document_id)
            failed = await _extract(rag, batch, new)
            await legacy_rows.sign(rag, [document.id for document in new if document.id not in failed], version)
        failed |= {document.id: "no text" for document in documents if not document.text.strip()}
        written = tuple(document.id for document in new if document.id not in failed)
        report = InsertReport(written, tuple(sorted(same)), failed)
        return LegacyUpdate(report, tuple(sorted(outdated - asked)), usage)

    async def _documents(self, batch: str) -> tuple[LegacyDocument, ...]:
        async with self._open(Usage()) as rag:
            return await legacy_rows.documents_of(rag, batch)

    async def _retrieve(self, question: str, param: QueryParam) -> dict[str, Any]:
        async with self._open(Usage()) as rag:
            data: dict[str, Any] = (await rag.aquery_data(question, param)).get("data") or {}
            await legacy_rows.add_sources(rag, data)
        return data

    @property
    def _version(self) -> str:
        """A digest of what decides what is extracted of a text, and its vectors."""
        asked = (self.settings.legacy_server, self.settings.legacy_model, self.settings.legacy_answer_tokens)
        return digest(*asked, self.encoder.digest)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock"):
            yield

    @asynccontextmanager
    async def _open(self, usage: Usage) -> AsyncIterator[LightRAG]:
        rag = LightRAG(
            **base_options(self.folder.parent, self.folder.name, self.encoder, self.settings.extraction_batch_size),
            llm_model_func=partial(self.llm.complete, usage),
            llm_model_name=self.settings.legacy_model,
            llm_model_max_async=self.settings.extraction_max_workers,
            default_llm_timeout=self.settings.legacy_timeout_seconds,
            chunking_func=partial(_chunk_rows, self.encoder.tokenizer),
        )
        async with closing(rag, self.folder.name):
            yield rag


async def _extract(rag: LightRAG, batch: str, documents: Sequence[Document]) -> dict[str, str]:
    """The reason of each that failed: LightRAG does not raise."""
    if not documents:
        return {}
    ids, paths = [d.id for d in documents], [encode_file_path(batch, d.path) for d in documents]
    await rag.ainsert([d.text for d in documents], ids=ids, file_paths=paths)
    return await legacy_rows.failures(rag, ids)


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
