"""From documents to a graph that answers: the interface of both arms, and ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aegis_pipeline.graph import Answer, GraphStore, ask, contribute
from aegis_pipeline.models import Encoder, load_spacy
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.relations import RelationSchema, load_schema
from aegis_pipeline.settings import Settings

LIBRARY_BATCH = "library"


@dataclass(frozen=True, slots=True)
class InsertReport:
    """What became of inserted documents, by id: in the graph now, there already, or failed, with the reason.

    ``legacy`` is the same of the legacy arm, where ``ENABLE_LEGACY_EXTRACTION`` runs it beside ours.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: Mapping[str, str]
    legacy: "InsertReport | None" = None


class GraphPipeline(Protocol):
    """Documents in, answers out. Both calls block; ``LightRAGWrapper`` is the form for programs with an event loop."""

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        """Add documents to the graph; one that is there with the same id is replaced."""

    def query(self, question: str, mode: QueryMode, top_k: int) -> Answer:
        """Retrieve for a question, without any LLM."""


@dataclass(frozen=True, slots=True)
class ThreePhasePipeline:
    """Our three phases before the graph."""

    settings: Settings
    extractor: ThreePhaseExtractor
    store: GraphStore
    encoder: Encoder

    def extract(self, text: str, document_id: str | None = None) -> Extraction:
        """What the phases find in ``text``, without writing anything."""
        return self.extractor.extract(text, document_id)

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        """See ``GraphPipeline.insert``.

        Raises:
            GraphError: the store refused a document; nothing was written.
        """
        found = self.extractor.extract_documents(documents)
        contribution = contribute(LIBRARY_BATCH, documents, found.chunks, found.entities, found.relations, self._schema)
        difference = self.store.write(contribution, keep_others=True).difference
        return InsertReport(
            tuple(sorted(difference.added | difference.changed)),
            tuple(sorted(difference.unchanged)),
            {document.id: "no text" for document in documents if not document.text.strip()},
        )

    def query(self, question: str, mode: QueryMode, top_k: int) -> Answer:
        """See ``GraphPipeline.query``."""
        nlp = load_spacy(self.settings.spacy_model, device=self.settings.device)
        return ask(self.store, nlp, self.encoder, self._schema, question, mode, top_k)

    @property
    def _schema(self) -> RelationSchema:
        return load_schema(self.settings.relation_schema)
