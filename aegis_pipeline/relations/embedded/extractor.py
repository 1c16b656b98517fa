"""The trained reader behind the interface of phase 3."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aegis_pipeline.errors import ModelError
from aegis_pipeline.reader.files import RELATIONS, Manifest
from aegis_pipeline.reader.labels import kind_of
from aegis_pipeline.reader.windows import Named, Window
from aegis_pipeline.records import Outcome, PhaseOutcome, Relation, RelationInput, RelationResult
from aegis_pipeline.relations.schema import load_schema

if TYPE_CHECKING:
    from aegis_pipeline.reader.relation_reader import RelationReader, Statement

CODE_VERSION = "1"
"""To be raised when the code of this package or of ``reader`` could give other relations for the same weights."""


class EmbeddedRelationExtractor:
    """Windows of each document through the relation network; what several windows state is stated once."""

    name = "embedded"

    def __init__(self, reader: "RelationReader", manifest: Manifest, min_confidence: float = 0.0) -> None:
        """Statements below ``min_confidence`` in [0, 1] are not kept; ``manifest.decision`` is where F1 is best."""
        self._reader, self._manifest, self._min_confidence = reader, manifest, min_confidence
        self._predicates = {predicate.pid: predicate for predicate in load_schema().values()}
        if unknown := sorted(set(manifest.properties) - self._predicates.keys()):
            raise ModelError(f"The reader knows properties that relations/schema.toml lacks: {', '.join(unknown)}.")
        self.version = f"{CODE_VERSION}-{manifest.sha256[RELATIONS][:16]}-{min_confidence:g}"

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        """See ``RelationExtractor.extract``."""
        cut = [self._windows(document) for document in documents]
        read = iter(
            self._reader.read(
                [window for each in cut for window in each], self._manifest.margin_of(self._min_confidence)
            )
        )
        relations: list[Relation] = []
        outcomes: list[PhaseOutcome] = []
        for document, own in zip(documents, cut, strict=True):
            stated = _strongest(statement for _ in own for statement in next(read))
            found = [self._relation(document, one) for one in stated]
            relations += sorted(found, key=lambda r: (r.evidence.start, r.head, r.predicate, r.tail))
            outcomes.append(_outcome(document, own, len(found)))
        return RelationResult(tuple(relations), tuple(outcomes))

    def _windows(self, document: RelationInput) -> list[Window]:
        named = [
            Named(mention.span, kind_of(mention.label), document.entity_of[mention.id])
            for mention in document.mentions
            if mention.is_node and mention.id in document.entity_of
        ]
        return self._reader.windows(document.text, [sentence.span for sentence in document.sentences], named)

    def _relation(self, document: RelationInput, statement: "Statement") -> Relation:
        predicate = self._predicates[statement.pid]
        sentence = document.sentences[statement.sentence]
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
        )


def _strongest(statements: Iterable["Statement"]) -> "list[Statement]":
    """One for each head, property and tail: the clearest, and of equals the first."""
    best: dict[tuple[str, str, str], Statement] = {}
    for statement in statements:
        key = (statement.head, statement.pid, statement.tail)
        if key not in best or statement.margin > best[key].margin:
            best[key] = statement
    return list(best.values())


def _outcome(document: RelationInput, own: Sequence[Window], found: int) -> PhaseOutcome:
    """OK, or EMPTY with the reason."""
    if found:
        return PhaseOutcome(document.document_id, Outcome.OK)
    pairs = any(len(window.entities) > 1 for window in own)
    detail = "no statement is sure enough" if pairs else "fewer than two entities to relate"
    return PhaseOutcome(document.document_id, Outcome.EMPTY, detail)
