"""From marks to records: mentions, and an outcome for each document."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from aegis_pipeline.mentions.labels import numeric_labels, type_of
from aegis_pipeline.mentions.marks import Mark
from aegis_pipeline.mentions.sentences import sentence_at
from aegis_pipeline.records import Chunk, Mention, MentionResult, Outcome, PhaseOutcome, Span


def by_document(chunks: Iterable[Chunk]) -> list[list[Chunk]]:
    """The chunks of each document, in the documents' order; a document's chunks follow each other."""
    return [list(group) for _, group in groupby(chunks, key=lambda chunk: chunk.document_id)]


def first_indices(chunks: Sequence[Chunk]) -> list[int]:
    """For each of one document's chunks, how many sentences come before it."""
    counts = [0]
    for chunk in chunks:
        counts.append(counts[-1] + len(chunk.sentences))
    return counts[:-1]


def mentions_of(chunk: Chunk, marks: Iterable[Mark], first_index: int, *, numeric_nodes: bool) -> list[Mention]:
    """A record for each mark that lies in one sentence; ``first_index`` is the document's index of the chunk's first.

    A mark crosses a boundary only where the chunker had to cut within a word.
    """
    offset = chunk.span.start
    found = []
    for mark in marks:
        place = sentence_at(chunk, offset + mark.start)
        sentence = chunk.sentences[place]
        if offset + mark.end > sentence.end:
            continue
        found.append(
            Mention(
                document_id=chunk.document_id,
                chunk_id=chunk.id,
                sentence=first_index + place,
                span=Span(offset + mark.start, offset + mark.end),
                text=chunk.text[mark.start : mark.end],
                label=mark.label,
                type=type_of(mark.label),
                source=mark.source,
                is_node=numeric_nodes or mark.label not in numeric_labels(),
                context=chunk.text[sentence.start - offset : sentence.end - offset],
            )
        )
    return found


def outcome_of(document_id: str, mentions: Sequence[Mention]) -> PhaseOutcome:
    """OK, or EMPTY where the text names nothing."""
    if mentions:
        return PhaseOutcome(document_id, Outcome.OK)
    return PhaseOutcome(document_id, Outcome.EMPTY, "no mention found")


def joined(results: Iterable[MentionResult]) -> MentionResult:
    """One result for many, in their order."""
    parts = list(results)
    return MentionResult(
        mentions=tuple(mention for part in parts for mention in part.mentions),
        outcomes=tuple(outcome for part in parts for outcome in part.outcomes),
    )
