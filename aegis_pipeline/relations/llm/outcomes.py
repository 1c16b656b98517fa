"""How reading ended for a document, of how it ended for its sections; a failure is never an empty result."""

from collections import Counter
from collections.abc import Sequence

from aegis_pipeline.records import DeadLetter, Outcome, PhaseOutcome, RelationInput
from aegis_pipeline.relations.llm.calls import Answered, Lost
from aegis_pipeline.relations.llm.reading import Read

_WORST_FIRST = (Outcome.UNAVAILABLE, Outcome.MALFORMED, Outcome.REFUSED)


def outcome_of(document: RelationInput, answered: Sequence[Answered], lost: Sequence[Lost], read: Read) -> PhaseOutcome:
    """OK or EMPTY where all was read, DEGRADED where a part was lost, and else why everything was."""
    outcome, detail = _outcome(document, answered, lost, read)
    return PhaseOutcome(document.document_id, outcome, detail, read.rejected)


def _outcome(
    document: RelationInput, answered: Sequence[Answered], lost: Sequence[Lost], read: Read
) -> tuple[Outcome, str]:
    if lost:
        outcomes = {each.failure.outcome for each in lost}
        worst = next(outcome for outcome in _WORST_FIRST if outcome in outcomes)
        return (Outcome.DEGRADED if answered else worst), _what_was_lost(document, lost)
    if read.relations:
        return Outcome.OK, ""
    if read.rejected:
        return Outcome.EMPTY, "nothing that the model stated can be kept"
    return Outcome.EMPTY, "the model states nothing" if answered else "fewer than two entities to relate"


def _what_was_lost(document: RelationInput, lost: Sequence[Lost]) -> str:
    chunks = sum(len(each.section.chunks) for each in lost)
    reasons = Counter(str(each.failure) for each in lost)
    return f"{chunks} of {len(document.chunks)} chunks lost: {reasons.most_common(1)[0][0]}"


def dead_letters(lost: Sequence[Lost]) -> list[DeadLetter]:
    """One for each chunk."""
    return [
        DeadLetter(
            document_id=each.section.document.document_id,
            chunk_id=chunk.id,
            outcome=each.failure.outcome,
            reason=each.failure.fault.value,
            detail=str(each.failure),
            attempts=each.attempts,
            prompt_hash=each.prompt_hash,
        )
        for each in lost
        for chunk in each.section.chunks
    ]
