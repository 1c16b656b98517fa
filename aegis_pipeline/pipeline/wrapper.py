"""LightRAG for programs: documents in, answers out, by the pipeline that the settings ask for."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aegis_pipeline.documents import sanitize
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import Answer
from aegis_pipeline.pipeline.factory import ExtractionPipelineFactory
from aegis_pipeline.pipeline.graph_pipeline import GraphPipeline, InsertReport
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.settings import Settings
from aegis_pipeline.settings import settings as default_settings

Insertable = str | Mapping[str, str] | Document


class LightRAGWrapper:
    """A knowledge graph under ``AEGIS_HOME`` that documents are added to and that answers without an LLM."""

    def __init__(self, settings: Settings | None = None, pipeline: GraphPipeline | None = None) -> None:
        self._pipeline = pipeline or ExtractionPipelineFactory.create(settings or default_settings())

    async def insert_documents(self, documents: Sequence[Insertable]) -> InsertReport:
        """Add texts, ``{"id", "text"}`` mappings or ``Document`` records; an id that is there already is replaced.

        A text without an id gets a hash of itself as id.

        Raises:
            InputError: a mapping lacks ``text``, or an id stands twice.
        """
        prepared = [_document(item) for item in documents]
        if len({document.id for document in prepared}) < len(prepared):
            raise InputError("Two documents have one id; ids must be unique within a call.")
        return await asyncio.to_thread(self._pipeline.insert, prepared)

    async def query_graph(self, question: str, mode: str | QueryMode = QueryMode.HYBRID, top_k: int = 10) -> Answer:
        """Entities, relations, passages and the best evidence sentences for ``question``.

        Raises:
            InputError: ``mode`` is none of LightRAG's five.
        """
        try:
            chosen = QueryMode(mode)
        except ValueError:
            raise InputError(f"mode={mode!r}: valid are {', '.join(QueryMode)}.") from None
        return await asyncio.to_thread(self._pipeline.query, question, chosen, top_k)


def _document(item: Insertable) -> Document:
    if isinstance(item, Document):
        return replace(item, text=sanitize(item.text))
    fields = {"text": item} if isinstance(item, str) else item
    if "text" not in fields:
        raise InputError(f"A document has the fields {sorted(fields)}; it needs `text`, and may have `id`.")
    text = sanitize(fields["text"])
    content_hash = hashlib.sha256(text.encode()).hexdigest()
    identity = fields.get("id") or f"doc-{content_hash[:24]}"
    return Document(identity, identity, text, content_hash)
