"""Lay the annotations of a sample source over the text that a reader extracts from the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from samples_render import CLOSE, OPEN_BASE, Block, mark_annotations, plain_candidates

ABBREVIATIONS = {"Ltd.", "Dr.", "Mr.", "Mrs.", "Co.", "Inc.", "St.", "No.", "vs.", "e.g.", "i.e."}
READER_MARKS = set("#*_-|[]()>\u2022\t0123456789.`")  # what a reader may add around blocks
MARKUP = set("#*_>`[]|")  # never decides whether a quote fits

Span = tuple[int, int]


@dataclass
class Sample:
    """One document: its extracted text and the annotations projected onto it."""

    name: str
    text: str
    sents: list[Span]
    mentions: list[tuple[int, int, str]]
    spine: tuple[str, list[int]]  # the non-white characters of the source, with their offsets in text
    clusters: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for _, _, key in self.mentions:
            self.clusters.setdefault(key, len(self.clusters))


def squeeze(text: str) -> tuple[str, list[int]]:
    """The non-white characters of a text, with their offsets."""
    offsets = [index for index, char in enumerate(text) if not char.isspace()]
    return "".join(text[index] for index in offsets), offsets


def read_marks(blocks: list[Block]) -> tuple[list[Block], list[list[tuple[int, int, int]]]]:
    """Take the marks out of the blocks; per block the (start, end, index) of its mentions."""
    clean, found = [], []
    for block in blocks:
        text, spans, start = "", [], (0, 0)
        for char in block.text:
            if char == CLOSE:
                spans.append((start[0], len(text), start[1]))
            elif OPEN_BASE <= ord(char) < ord(CLOSE):
                start = (len(text), ord(char) - OPEN_BASE)
            else:
                text += char
        clean.append(Block(text, block.optional))
        found.append(spans)
    return clean, found


def align_block(block: str, target: str, position: int) -> list[int] | None:
    """Positions in target of the block's non-white characters, or None where they differ."""
    places = []
    for char in squeeze(block)[0]:
        while position < len(target) and target[position] != char and target[position] in READER_MARKS:
            position += 1
        if position >= len(target) or target[position] != char:
            return None
        places.append(position)
        position += 1
    return places


def align(name: str, blocks: list[Block], text: str) -> list[list[int] | None]:
    """Per block, the offset in text of each of its non-white characters (None: left out)."""
    target, offsets = squeeze(text)
    position, result = 0, []
    for block in blocks:
        places = align_block(block.text, target, position)
        if places is None and not block.optional:
            raise ValueError(
                f"{name}: expected {block.text[:60]!r}, the reader has {target[position : position + 60]!r}"
            )
        result.append(None if places is None else [offsets[place] for place in places])
        position = places[-1] + 1 if places else position
    if set(target[position:]) - READER_MARKS:
        raise ValueError(f"{name}: the reader has more text: {target[position : position + 60]!r}")
    return result


def split_sentences(block: str) -> list[Span]:
    """Sentences of one block: after . ! ? and a space, unless an initial or abbreviation ends there."""
    spans, start = [], 0
    for match in re.finditer(r"[.!?]['\")]*\s+(?=[\"'(]?[A-Z0-9])", block):
        word = block[: match.start() + 1].split()[-1].lstrip("(")
        if word in ABBREVIATIONS or re.fullmatch(r"[A-Z]\.", word):
            continue
        spans.append((start, match.start() + len(match.group().rstrip())))
        start = match.end()
    return [*spans, (start, len(block))]


def project(span: Span, block: str, places: list[int]) -> Span:
    """A span of the block as a span of the extracted text."""
    first = len(squeeze(block[: span[0]])[0])
    last = len(squeeze(block[: span[1]])[0]) - 1
    return places[first], places[last] + 1


def load_sample(name: str, source: str, text: str) -> Sample:
    """Align one source with its extracted text and project mentions and sentences."""
    marked, keys = mark_annotations(source)
    candidates = [read_marks(blocks) for blocks in plain_candidates(Path(name).suffix, marked)]
    for number, (blocks, marks) in enumerate(candidates, start=1):  # noqa: B007 - the last that aligns is kept
        try:
            aligned = align(name, blocks, text)
            break
        except ValueError:
            if number == len(candidates):
                raise
    sents, mentions = [], []
    for block, spans, places in zip(blocks, marks, aligned, strict=True):
        if places is None:
            continue
        sents += [project(span, block.text, places) for span in split_sentences(block.text)]
        mentions += [(*project((start, end), block.text, places), keys[index]) for start, end, index in spans]
    spine = "".join(squeeze(block.text)[0] for block, places in zip(blocks, aligned, strict=True) if places is not None)
    offsets = [offset for places in aligned for offset in places or []]
    return Sample(name, text, sents, sorted(mentions), (spine, offsets))


def find_quote(sample: Sample, quote: str) -> Span:
    """The only place of a quote in the text, whatever the white space and markup."""
    kept = [(char, offset) for char, offset in zip(*sample.spine, strict=True) if char not in MARKUP]
    target, offsets = "".join(char for char, _ in kept), [offset for _, offset in kept]
    wanted = "".join(char for char in squeeze(quote)[0] if char not in MARKUP)
    if target.count(wanted) != 1:
        raise ValueError(f"{sample.name}: quote occurs {target.count(wanted)} times: {quote!r}")
    start = target.index(wanted)
    return offsets[start], offsets[start + len(wanted) - 1] + 1


def sentences_at(sample: Sample, span: Span) -> list[int]:
    """Indexes of the sentences that overlap a span."""
    return [i for i, (start, end) in enumerate(sample.sents) if start < span[1] and span[0] < end]


def sentences_of(sample: Sample, key: str) -> list[int]:
    """Indexes of the sentences that mention an entity, in order."""
    found = {i for start, end, own in sample.mentions if own == key for i in sentences_at(sample, (start, end))}
    return sorted(found)
