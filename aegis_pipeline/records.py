"""Every record that passes between the phases, once.

All offsets are Python string indices into ``Document.text``, end exclusive. All records are frozen: a phase takes
records and returns new ones.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class DocumentStatus(StrEnum):
    """What became of one file of a batch."""

    PARSED = "parsed"
    EMPTY = "empty"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    MALFORMED = "malformed"
    UNDECODABLE = "undecodable"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    UNREADABLE = "unreadable"

    @property
    def is_parse_failure(self) -> bool:
        """A document that should have been read and was not: what the parse-rate gate counts."""
        return self in _PARSE_FAILURES


_PARSE_FAILURES = {
    DocumentStatus.TOO_LARGE,
    DocumentStatus.ENCRYPTED,
    DocumentStatus.MALFORMED,
    DocumentStatus.UNDECODABLE,
    DocumentStatus.TIMED_OUT,
    DocumentStatus.OUT_OF_MEMORY,
    DocumentStatus.UNREADABLE,
}


class Outcome(StrEnum):
    """How one phase ended for one document: a failure is never an empty result."""

    OK = "ok"
    EMPTY = "empty"
    DEGRADED = "degraded"
    MALFORMED = "malformed"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class QueryMode(StrEnum):
    """LightRAG's five ways to retrieve."""

    LOCAL = "local"
    GLOBAL = "global"
    HYBRID = "hybrid"
    MIX = "mix"
    NAIVE = "naive"


class ExportFormat(StrEnum):
    """The formats that a graph is written in."""

    GRAPHML = "graphml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document's extracted text. ``path`` is relative to the batch's folder, ``content_hash`` of the file's bytes."""

    id: str
    path: str
    text: str
    content_hash: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What became of one file: one row for each file found, whatever became of it."""

    path: str
    document_id: str
    status: DocumentStatus
    error: str | None = None
    content_hash: str | None = None
    size_bytes: int = 0
    format: str | None = None
    encoding: str | None = None
    language: str | None = None
    language_confidence: float | None = None
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole consecutive sentences of one document, at most what the encoder reads. Chunks never overlap."""

    id: str
    document_id: str
    index: int
    span: Span
    text: str
    sentences: tuple[Span, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a chunk; ``index`` counts the document's sentences from 0."""

    document_id: str
    chunk_id: str
    index: int
    span: Span


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text. ``label`` is the model's, ``type`` the project's; ``sentence`` is the sentence's index in the
    document and ``context`` its text; ``is_node`` is false for numeric labels, which are extracted but are no nodes
    of the graph."""

    document_id: str
    chunk_id: str
    sentence: int
    span: Span
    text: str
    label: str
    type: str
    source: str
    is_node: bool = True
    context: str = ""

    @property
    def id(self) -> str:
        """Unique over all documents: mentions of one document never share a span."""
        return f"{self.document_id}:{self.span.start}-{self.span.end}"


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing: its canonical name, every other name, and the mentions that refer to it.

    ``key`` is the graph's key: the name itself, or the name with a suffix where another thing has that name.
    """

    id: str
    key: str
    name: str
    type: str
    aliases: tuple[str, ...]
    mentions: tuple[Mention, ...]
    is_node: bool = True


@dataclass(frozen=True, slots=True)
class MergeDecision:
    """Why two names are (or are not) one entity. ``score`` is in [0, 1]; ``evidence`` says what was compared."""

    entity_id: str
    name: str
    alias: str
    type: str
    accepted: bool
    reason: str
    score: float
    evidence: str


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
class Rejection:
    """How many statements of a document were not kept, for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class PhaseOutcome:
    """How a phase ended for one document, why where it is not OK, and what phase 3 rejected."""

    document_id: str
    outcome: Outcome
    detail: str = ""
    rejected: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A hash of everything that a phase's result for one document was made from: while it is the same, so is that."""

    document_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class NameVector:
    """A distinct name and what ``encoder`` (its digest) makes of it: float32 in little-endian bytes, of length 1."""

    name: str
    encoder: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What reading a folder gave: the documents that parsed, and a row for every file found."""

    documents: tuple[Document, ...]
    manifest: tuple[ManifestRow, ...]


@dataclass(frozen=True, slots=True)
class MentionResult:
    """Phase 1: mentions of a batch, and how it ended for each document."""

    mentions: tuple[Mention, ...]
    outcomes: tuple[PhaseOutcome, ...]


@dataclass(frozen=True, slots=True)
class EntityResult:
    """Phase 2: entities over a whole batch, the log of what was merged, and the names in the user's overrides that the
    batch does not have."""

    entities: tuple[Entity, ...]
    merges: tuple[MergeDecision, ...]
    unmatched: tuple[str, ...] = ()


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
