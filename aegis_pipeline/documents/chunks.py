"""Documents to chunks: whole sentences, no overlap, no more than the encoder reads."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aegis_pipeline.documents.sentences import sentence_spans
from aegis_pipeline.records import Chunk, Document, Span

CountTokens = Callable[[Sequence[str]], list[int]]

# WordPiece has one token for any word above 100 characters and none for whitespace, so tokens alone would let a chunk
# grow without end. English has 4 to 5 characters a token.
_CHARACTERS_PER_TOKEN = 16
_WORD = re.compile(r"\S{1,1000}")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A stretch of text that is not divided further, and its tokens without the special ones."""

    span: Span
    tokens: int


def chunk_documents(documents: Iterable[Document], count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    """The chunks of all documents, in order.

    A chunk has consecutive whole sentences of one document and at most ``max_tokens`` tokens. Its text is the
    document's at its span, and neither begins nor ends with whitespace. A paragraph stays whole where the chunk before
    it is at least half full. A sentence beyond the limit is cut at whitespace, a word beyond it between characters, and
    each piece counts as a sentence. A stretch without one letter or digit makes no chunk.

    Args:
        count_tokens: Tokens of each of a list of texts, special tokens included. Tokens must not span whitespace, so
            that a text has as many as its words (WordPiece, SentencePiece).
    """
    special = count_tokens([""])[0]
    return [
        chunk for each in documents for chunk in _chunks(each, _Packer(each.text, count_tokens, special, max_tokens))
    ]


def _chunks(document: Document, packer: "_Packer") -> Iterator[Chunk]:
    spans = [(Span(units[0].span.start, units[-1].span.end), units) for units in packer.chunks()]
    telling = [(span, units) for span, units in spans if any(map(str.isalnum, document.text[span.start : span.end]))]
    for index, (span, units) in enumerate(telling):
        yield Chunk(
            id=f"{document.id}-chunk-{index:03d}",
            document_id=document.id,
            index=index,
            span=span,
            text=document.text[span.start : span.end],
            sentences=tuple(unit.span for unit in units),
            language=document.language,
        )


class _Packer:
    """Packs the stretches of one text into groups within the limit."""

    def __init__(self, text: str, count_tokens: CountTokens, special: int, max_tokens: int) -> None:
        self._text, self._count_tokens, self._special = text, count_tokens, special
        self._tokens_max = max_tokens - special
        self._characters_max = max_tokens * _CHARACTERS_PER_TOKEN

    def chunks(self) -> Iterator[list[_Unit]]:
        """The sentences of each chunk."""
        sentences = self._sentences()
        return self._pack(sentences, self._paragraph_tokens(sentences))

    def _pack(self, units: Sequence[_Unit], paragraphs: Sequence[int]) -> Iterator[list[_Unit]]:
        """Consecutive units in groups within the limit; a new group for a paragraph that would be cut, where the group
        is at least half full. ``paragraphs`` has the tokens of the paragraph that a unit begins, or 0."""
        group: list[_Unit] = []
        tokens = 0
        for unit, paragraph in zip(units, paragraphs, strict=True):
            full = bool(group) and not self._fits(Span(group[0].span.start, unit.span.end), tokens + unit.tokens)
            would_cut = tokens + paragraph > self._tokens_max >= paragraph > 0
            if group and (full or (would_cut and 2 * tokens >= self._tokens_max)):
                yield group
                group, tokens = [], 0
            group.append(unit)
            tokens += unit.tokens
        if group:
            yield group

    def _sentences(self) -> list[_Unit]:
        """The text's sentences, those beyond the limit in pieces."""
        units: list[_Unit] = []
        for unit in self._measure(sentence_spans(self._text)):
            units += [unit] if self._fits(unit.span, unit.tokens) else self._pieces(unit.span)
        return units

    def _fits(self, span: Span, tokens: int) -> bool:
        return tokens <= self._tokens_max and span.end - span.start <= self._characters_max

    def _paragraph_tokens(self, units: Sequence[_Unit]) -> list[int]:
        """For the first unit of each paragraph the tokens of the whole paragraph, 0 for the others."""
        totals = [0] * len(units)
        first = 0
        for index, unit in enumerate(units):
            gap = self._text[units[index - 1].span.end : unit.span.start] if index else "\n\n"
            first = index if _PARAGRAPH_BREAK.search(gap) else first
            totals[first] += unit.tokens
        return totals

    def _measure(self, spans: Sequence[Span]) -> list[_Unit]:
        counts = self._count_tokens([self._text[span.start : span.end] for span in spans])
        return [_Unit(span, count - self._special) for span, count in zip(spans, counts, strict=True)]

    def _pieces(self, sentence: Span) -> list[_Unit]:
        """A sentence beyond the limit, cut between words."""
        found = _WORD.finditer(self._text, sentence.start, sentence.end)
        words = self._within_limit([Span(*word.span()) for word in found])
        return [
            _Unit(Span(group[0].span.start, group[-1].span.end), sum(unit.tokens for unit in group))
            for group in self._pack(words, [0] * len(words))
        ]

    def _within_limit(self, words: Sequence[Span]) -> list[_Unit]:
        """Words and their tokens; those beyond the limit halved until they fit."""
        units: list[_Unit] = []
        for unit in self._measure(words):
            length = unit.span.end - unit.span.start
            if length == 1 or self._fits(unit.span, unit.tokens):
                units.append(unit)
            else:
                middle = unit.span.start + length // 2
                units += self._within_limit([Span(unit.span.start, middle), Span(middle, unit.span.end)])
        return units
