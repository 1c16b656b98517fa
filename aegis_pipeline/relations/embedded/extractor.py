"""The trained reader behind the interface of phase 3."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from aegis_pipeline.errors import AegisError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.reader.files import RELATIONS, Manifest
from aegis_pipeline.reader.labels import LANGUAGE, kind_of
from aegis_pipeline.reader.windows import Named, Window
from aegis_pipeline.records import Outcome, PhaseOutcome, Relation, RelationInput, RelationResult
from aegis_pipeline.relations.fitting import Fitted, fit
from aegis_pipeline.relations.schema import RelationSchema

if TYPE_CHECKING:
    from aegis_pipeline.reader.relation_reader import RelationReader, Statement

_log = event_log(__name__)

CODE_VERSION = "3"
"""To be raised when the code of this package or of ``reader`` could give other relations for the same weights."""


class EmbeddedRelationExtractor:
    """Windows of each document through the relation network; what several windows state is stated once."""

    name = "embedded"

    def __init__(
        self, reader: "RelationReader", manifest: Manifest, schema: RelationSchema, min_confidence: float = 0.0
    ) -> None:
        """Statements below ``min_confidence`` in [0, 1] are not kept; ``manifest.decision`` is where F1 is best. Of the
        properties that the reader has learned, those of ``schema`` are stated."""
        self._reader, self._manifest, self._schema = reader, manifest, schema
        self._least = manifest.margin_of(min_confidence)
        self.version = f"{CODE_VERSION}-{manifest.sha256[RELATIONS][:16]}-{schema.digest[:16]}-{min_confidence:g}"

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        """See ``RelationExtractor.extract``. A document on which the network fails is UNAVAILABLE, and costs no
        other."""
        read = [self._tried(document) for document in documents]  # memory holds the windows of one of them
        return RelationResult(
            tuple(chain.from_iterable(relations for relations, _ in read)), tuple(outcome for _, outcome in read)
        )

    def _tried(self, document: RelationInput) -> tuple[list[Relation], PhaseOutcome]:
        try:
            return self._read(document)
        except Exception as error:  # noqa: BLE001 - the phase's boundary: any failure of the network is the document's
            reason = str(error) if isinstance(error, AegisError) else type(error).__name__
            _log.error(Event.RELATION_NETWORK_FAILED, document_id=document.document_id, reason=reason)
            detail = f"not read, because the relation network failed: {reason}"
            return [], PhaseOutcome(document.document_id, Outcome.UNAVAILABLE, detail)

    def _read(self, document: RelationInput) -> tuple[list[Relation], PhaseOutcome]:
        own = self._windows(document)
        stated = _strongest(chain.from_iterable(self._reader.read(own, self._least)))
        found = [self._relation(document, one) for one in stated if one.pid in self._schema.by_pid]
        fitted = fit(found, document.entity_types, self._schema)
        ordered = sorted(fitted.relations, key=lambda r: (r.evidence.start, r.head, r.predicate, r.tail))
        return ordered, _outcome(document, own, fitted)

    def _windows(self, document: RelationInput) -> list[Window]:
        if _foreign(document):
            return []
        named = [
            Named(mention.span, kind_of(mention.label), document.entity_of[mention.id])
            for mention in document.mentions
            if mention.is_node and mention.id in document.entity_of
        ]
        return self._reader.windows(document.text, [sentence.span for sentence in document.sentences], named)

    def _relation(self, document: RelationInput, statement: "Statement") -> Relation:
        predicate = self._schema.by_pid[statement.pid]
        sentence, *further = (document.sentences[place] for place in statement.sentences)
        return Relation(
            document_id=document.document_id,
            chunk_id=sentence.chunk_id,
            head=statement.head,
            tail=statement.tail,
            predicate=predicate.key,
            pid=predicate.pid,
            confidence=self._manifest.confidence(statement.margin),
            evidence=sentence.span,
            extractor=f"{self.name} {self.version}",
            evidence_text=document.text[sentence.span.start : sentence.span.end],
            further_evidence=tuple(one.span for one in further),
        )


def _strongest(statements: Iterable["Statement"]) -> "list[Statement]":
    """One for each head, property and tail: the clearest, and of equals the first."""
    best: dict[tuple[str, str, str], Statement] = {}
    for statement in statements:
        key = (statement.head, statement.pid, statement.tail)
        if key not in best or statement.margin > best[key].margin:
            best[key] = statement
    return list(best.values())


def _foreign(document: RelationInput) -> str | None:
    """The document's language, where the reader does not read it."""
    return next((chunk.language for chunk in document.chunks if chunk.language != LANGUAGE), None)


def _outcome(document: RelationInput, own: Sequence[Window], fitted: Fitted) -> PhaseOutcome:
    """OK, or EMPTY with the reason; DEGRADED for what the reader does not read."""
    if language := _foreign(document):
        detail = f"not read: the reader reads English, not {language!r}; RELATION_BACKEND=ollama or openai may"
        return PhaseOutcome(document.document_id, Outcome.DEGRADED, detail)
    if fitted.relations:
        return PhaseOutcome(document.document_id, Outcome.OK, rejected=fitted.rejected)
    if fitted.rejected:
        detail = "no statement fits the relation schema"
    elif any(len(window.entities) > 1 for window in own):
        detail = "no statement is sure enough"
    else:
        detail = "fewer than two entities to relate"
    return PhaseOutcome(document.document_id, Outcome.EMPTY, detail, fitted.rejected)
