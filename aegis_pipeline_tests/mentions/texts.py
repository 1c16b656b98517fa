"""Chunks and pipelines without weights, and what must hold of every result of phase 1."""

from collections.abc import Sequence

import spacy
from spacy.language import Language

from aegis_pipeline.records import Chunk, MentionResult, Span


def chunk(text: str, *sentences: tuple[int, int], document: str = "d1", start: int = 0, index: int = 0) -> Chunk:
    spans = tuple(Span(start + a, start + b) for a, b in sentences or [(0, len(text))])
    return Chunk(f"{document}-{index}", document, index, Span(start, start + len(text)), text, spans)


def ruled(*patterns: tuple[str, str]) -> Language:
    nlp = spacy.blank("en")
    if patterns:
        nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": text} for label, text in patterns])
    return nlp


def found(result: MentionResult) -> list[tuple[str, str, str]]:
    return [(mention.text, mention.label, mention.source) for mention in result.mentions]


def check(result: MentionResult, chunks: Sequence[Chunk]) -> None:
    """What must hold of every result: texts at their spans, inside one sentence of the chunk, none overlapping."""
    by_id = {each.id: each for each in chunks}
    end: dict[str, int] = {}
    for mention in result.mentions:
        here = by_id[mention.chunk_id]
        a, b = mention.span.start - here.span.start, mention.span.end - here.span.start
        assert mention.text
        assert here.text[a:b] == mention.text
        assert any(s.start <= mention.span.start and mention.span.end <= s.end for s in here.sentences)
        assert mention.text in mention.context
        assert mention.span.start >= end.get(mention.document_id, 0)
        end[mention.document_id] = mention.span.end
