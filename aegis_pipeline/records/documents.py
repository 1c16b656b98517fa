"""Documents and what became of them: files, texts, chunks, sentences."""

from dataclasses import dataclass
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
class PlacedFile:
    """The shard that a file of a large folder belongs to; ``path`` as in the manifest, shards count from 1."""

    path: str
    shard: int


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
class FolderContents:
    """What reading a folder gave: the documents that parsed, and a row for every file found."""

    documents: tuple[Document, ...]
    manifest: tuple[ManifestRow, ...]
