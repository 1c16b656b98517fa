"""Phase 3: relations, what an extractor gets and gives, and what an LLM lost."""

from dataclasses import dataclass, field

from aegis_pipeline.records.documents import Chunk, Sentence, Span
from aegis_pipeline.records.mentions import Mention
from aegis_pipeline.records.outcomes import Outcome, PhaseOutcome


@dataclass(frozen=True, slots=True)
class Relation:
    """One statement: head, predicate, tail, and the span of the text that states it.

    ``predicate`` is a key of the relation schema, ``pid`` its Wikidata property where it is one, ``confidence`` in
    [0, 1], ``extractor`` the name and version of what extracted it. ``chunk_id`` is the chunk of the evidence and
    ``evidence_text`` the text of its span; ``further_evidence`` are other spans that it needs where no sentence says it
    all, the more telling first.
    """

    document_id: str
    chunk_id: str
    head: str
    tail: str
    predicate: str
    pid: str | None
    confidence: float
    evidence: Span
    extractor: str
    evidence_text: str = ""
    further_evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationInput:
    """What a relation extractor gets of one document; ``entity_of`` maps mention id to entity id."""

    document_id: str
    text: str
    chunks: tuple[Chunk, ...]
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    entity_of: dict[str, str] = field(default_factory=dict)
    entity_types: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A chunk that phase 3 could not read by an LLM, after its last attempt.

    ``outcome`` says whether the answer was malformed or refused, or none came; ``reason`` why, in a word, ``detail`` in
    a sentence. ``attempts`` counts the calls that asked for the chunk, and ``prompt_hash`` is that of the last one's
    messages. ``read_by`` names the extractor that read the chunk instead; it is empty where none did.
    """

    document_id: str
    chunk_id: str
    outcome: Outcome
    reason: str
    detail: str
    attempts: int
    prompt_hash: str
    read_by: str = ""


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What reading a batch took of an LLM, as its server counts, and how many answers the cache gave for nothing."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    from_cache: int = 0


@dataclass(frozen=True, slots=True)
class RelationResult:
    """Phase 3: relations of a batch, how it ended for each document, and the chunks that an LLM lost."""

    relations: tuple[Relation, ...]
    outcomes: tuple[PhaseOutcome, ...]
    dead_letters: tuple[DeadLetter, ...] = ()
    usage: ModelUsage = ModelUsage()
