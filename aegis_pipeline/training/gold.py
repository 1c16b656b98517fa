"""Labelled documents, as training reads them: JSONL with text, sentences, mentions and relations between clusters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from aegis_pipeline.errors import InputError
from aegis_pipeline.reader.labels import TYPES
from aegis_pipeline.records import Span

_ARTICLE = re.compile(r"(the|a|an)\s+", re.IGNORECASE)
_CLOSING = re.compile(r"('s|’s|'|\s)+$")


class GoldMention(BaseModel):
    """A name: characters of the text, its type, and the cluster of what it names."""

    start: int
    end: int
    type: str
    cluster: int


class GoldRelation(BaseModel):
    """A Wikidata property between two clusters, and the sentences that state it."""

    head: int
    tail: int
    pid: str
    evidence: list[int] = Field(default_factory=list)


class GoldDocument(BaseModel):
    """One line of the file; other fields are ignored."""

    id: str
    text: str
    sents: list[tuple[int, int]]
    mentions: list[GoldMention]
    relations: list[GoldRelation]


@dataclass(frozen=True, slots=True)
class Range:
    """Lines of a file, both ends included, counted from 0."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @classmethod
    def parse(cls, text: str) -> "Range":
        """From ``FROM-TO``.

        Raises:
            InputError: that is not its form.
        """
        found = re.fullmatch(r"(\d+)-(\d+)", text)
        if not found or int(found[1]) > int(found[2]):
            raise InputError(f"{text!r} is no range of documents: write FROM-TO, both included, for example 0-349.")
        return cls(int(found[1]), int(found[2]))


def load_gold(path: Path, lines: Range) -> list[GoldDocument]:
    """The documents of these lines.

    Raises:
        InputError: the file cannot be read, has fewer lines, or a line is not of the form.
    """
    try:
        rows = path.read_bytes().splitlines()
        documents = [GoldDocument.model_validate_json(row) for row in rows[lines.first : lines.last + 1]]
    except (OSError, ValidationError) as error:
        raise InputError(f"{path} cannot be read: {error}. Lines have id, text, sents, mentions, relations.") from error
    if len(documents) < lines.last - lines.first + 1:
        raise InputError(f"{path} has {len(rows)} lines; {lines.first}-{lines.last} was asked for.")
    return documents


def tight(text: str, span: Span) -> Span:
    """Without a leading article and a trailing 's, as mentions are scored."""
    start, end = span.start, span.end
    if found := _ARTICLE.match(text, start, end):
        start = found.end()
    if (found := _CLOSING.search(text[start:end])) and found.start() > 0:
        end = start + found.start()
    return Span(start, end)


def tight_mentions(document: GoldDocument) -> list[tuple[Span, GoldMention]]:
    """Mentions by place, of types that the reader knows; where two overlap the longer one stays."""
    tightened = [(tight(document.text, Span(m.start, m.end)), m) for m in document.mentions if m.type in TYPES]
    kept: list[tuple[Span, GoldMention]] = []
    for span, mention in sorted(tightened, key=lambda pair: pair[0].start - pair[0].end):
        if not any(span.start < other.end and other.start < span.end for other, _ in kept):
            kept.append((span, mention))
    return sorted(kept, key=lambda pair: pair[0].start)


def sentence_spans(document: GoldDocument) -> Sequence[Span]:
    """The gold sentences."""
    return [Span(start, end) for start, end in document.sents]
