"""What an LLM lost is read by the trained reader, in the open."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.records import Outcome, PhaseOutcome, Relation, RelationInput, RelationResult
from aegis_pipeline.relations.interface import RelationExtractor

_READ = {Outcome.OK, Outcome.EMPTY}

_log = event_log(__name__)


class FallbackRelationExtractor:
    """As ``primary``, but chunks among its dead letters have the relations that ``load_fallback`` gives for them.

    The outcome of documents that it reads is DEGRADED and says why. The dead letters stay, and say who read the chunk:
    the LLM can still read it.
    """

    def __init__(self, primary: RelationExtractor, load_fallback: Callable[[], RelationExtractor]) -> None:
        self.name = primary.name
        self._primary, self._load_fallback = primary, load_fallback

    @property
    def version(self) -> str:
        """The primary's: what degrades is never kept."""
        return self._primary.version

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        """See ``RelationExtractor.extract``."""
        found = self._primary.extract(documents)
        lost = {letter.chunk_id for letter in found.dead_letters}
        if not lost:
            return found
        touched = {letter.document_id for letter in found.dead_letters}
        fallback = self._load_fallback()
        _log.warning(Event.RELATIONS_BY_FALLBACK, extractor=fallback.name, documents=len(touched), chunks=len(lost))
        second = fallback.extract([d for d in documents if d.document_id in touched])
        filled = [relation for relation in second.relations if relation.chunk_id in lost]
        read = {outcome.document_id for outcome in second.outcomes if outcome.outcome in _READ}
        return replace(
            found,
            relations=_joined(documents, found.relations, filled),
            outcomes=tuple(
                _degraded(outcome) if outcome.document_id in read else outcome for outcome in found.outcomes
            ),
            dead_letters=tuple(
                replace(letter, read_by=fallback.name) if letter.document_id in read else letter
                for letter in found.dead_letters
            ),
        )


def _degraded(outcome: PhaseOutcome) -> PhaseOutcome:
    return replace(
        outcome, outcome=Outcome.DEGRADED, detail=f"embedded extractor where the LLM failed: {outcome.detail}"
    )


def _joined(
    documents: Sequence[RelationInput], first: Sequence[Relation], second: Sequence[Relation]
) -> tuple[Relation, ...]:
    """Document by document; what both state is as the first has it."""
    place = {document.document_id: number for number, document in enumerate(documents)}
    ordered = sorted((*first, *second), key=lambda r: (place[r.document_id], r.head, r.predicate, r.tail))
    groups = groupby(ordered, key=lambda r: (r.document_id, r.head, r.predicate, r.tail))
    unique = [next(group) for _, group in groups]
    return tuple(sorted(unique, key=lambda r: (place[r.document_id], r.evidence.start)))
