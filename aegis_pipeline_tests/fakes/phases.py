"""Phases 1 and 3 without models: names by their capitals, and relations between neighbours in a sentence."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aegis_pipeline.mentions import RegexMentionExtractor
from aegis_pipeline.records import (
    Chunk,
    Mention,
    MentionResult,
    Outcome,
    PhaseOutcome,
    Relation,
    RelationInput,
    RelationResult,
    Sentence,
    Span,
)

MentionsOf = Callable[[Sequence[Chunk], Sequence[Mention]], Sequence[Mention]]


@dataclass(frozen=True)
class FakeMentionExtractor:
    """``version`` is that of the model; ``change`` makes something else of what was found."""

    version: str = "1"
    change: MentionsOf = lambda _chunks, mentions: mentions
    outcome: Outcome = Outcome.OK

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        found = RegexMentionExtractor().extract(chunks)
        outcomes = tuple(PhaseOutcome(each.document_id, self.outcome, "fake") for each in found.outcomes)
        return MentionResult(tuple(self.change(chunks, found.mentions)), outcomes)


@dataclass(frozen=True)
class FakeRelationExtractor:
    """States that each name of a sentence is a part of the next; its confidences lie between 0.6 and 0.9."""

    version: str = "1"
    change: Callable[[Relation], Relation] = lambda relation: relation
    name: str = "fake"

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        found = tuple(self.change(relation) for each in documents for relation in self._relations(each))
        return RelationResult(found, tuple(PhaseOutcome(each.document_id, Outcome.OK) for each in documents))

    def _relations(self, document: RelationInput) -> Iterator[Relation]:
        for sentence in document.sentences:
            inside = [m for m in document.mentions if sentence.span.start <= m.span.start < sentence.span.end]
            for head, tail in pairwise(document.entity_of[mention.id] for mention in inside):
                if head != tail:
                    yield self._relation(document, sentence, head, tail)

    def _relation(self, document: RelationInput, sentence: Sentence, head: str, tail: str) -> Relation:
        confidence = 0.6 + zlib.crc32(f"{head} {tail}".encode()) % 300 / 1000
        return Relation(
            document_id=document.document_id,
            chunk_id=sentence.chunk_id,
            head=head,
            tail=tail,
            predicate="part_of",
            pid="P361",
            confidence=confidence,
            evidence=sentence.span,
            extractor=f"fake {self.version}",
        )


def every_word(chunks: Sequence[Chunk], mentions: Sequence[Mention]) -> list[Mention]:
    """What a model finds to which all is a name: one every four characters."""
    pattern = mentions[0]
    return [
        replace(pattern, document_id=chunk.document_id, chunk_id=chunk.id, span=Span(start, start + 1), text="x")
        for chunk in chunks
        for start in range(chunk.span.start, chunk.span.end, 4)
    ]
