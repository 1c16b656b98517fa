"""A document as the relation network reads it: windows of whole sentences with the entities that are named in them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from aegis_pipeline.reader.tokens import ReaderTokenizer, Tokens
from aegis_pipeline.records import Span


@dataclass(frozen=True, slots=True)
class Named:
    """One mention of a document: its characters, the place of its type in ``TYPES``, and what it names."""

    span: Span
    kind: int
    entity: str


@dataclass(frozen=True, slots=True)
class Placed:
    """One mention of a window: its pieces (end exclusive), its type, and the entity by its place in the window."""

    first: int
    end: int
    kind: int
    entity: int


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a document that is read at once.

    ``sentences`` has the document's sentence of each piece; ``entities`` are named in the window, in order of their
    first mention there.
    """

    tokens: Tokens
    sentences: tuple[int, ...]
    mentions: tuple[Placed, ...]
    entities: tuple[str, ...]


def windows(
    text: str, sentences: Sequence[Span], named: Sequence[Named], tokenizer: ReaderTokenizer, max_tokens: int
) -> list[Window]:
    """The windows of a document, in order.

    A document of at most ``max_tokens`` pieces is one window. A longer one has windows that overlap by half, so that
    sentences near a boundary are read together in one of them. Entities that no window names together are not related.
    """
    tokens = tokenizer.read(text)
    starts = [sentence.start for sentence in sentences]
    owners = tuple(max(0, bisect_right(starts, start) - 1) for start, _ in tokens.spans)
    placed = _placed(tokens, named)
    return [_window(tokens, owners, placed, first, end) for first, end in _ranges(owners, max_tokens)]


def _ranges(owners: Sequence[int], limit: int) -> Iterator[tuple[int, int]]:
    """Ranges of pieces: whole sentences where they fit."""
    first = 0
    while first < len(owners):
        end = min(first + limit, len(owners))
        if end == len(owners):
            yield first, end
            return
        end = _back_to_boundary(owners, first, end)
        yield first, end
        first = max(_back_to_boundary(owners, first, first + (end - first) // 2), first + 1)


def _back_to_boundary(owners: Sequence[int], first: int, end: int) -> int:
    """The last place up to ``end`` where a sentence begins; ``end`` itself where there is none after ``first``."""
    return next((k for k in range(end, first, -1) if owners[k] != owners[k - 1]), end)


def _placed(tokens: Tokens, named: Sequence[Named]) -> list[tuple[int, int, Named]]:
    """Mentions with their pieces, in order; those that no piece touches (their letters are none that are read) are not
    placed."""
    starts, ends = [span[0] for span in tokens.spans], [span[1] for span in tokens.spans]
    found = []
    for mention in sorted(named, key=lambda mention: mention.span.start):
        first, end = bisect_right(ends, mention.span.start), bisect_right(starts, mention.span.end - 1)
        if first < end:
            found.append((first, end, mention))
    return found


def _window(
    tokens: Tokens, owners: Sequence[int], placed: Sequence[tuple[int, int, Named]], first: int, end: int
) -> Window:
    begin, stop = (bisect_left(placed, place, key=itemgetter(0)) for place in (first, end))
    inside = [(a - first, b - first, mention) for a, b, mention in placed[begin:stop] if b <= end]
    entities = tuple(dict.fromkeys(mention.entity for _, _, mention in inside))
    place = {entity: k for k, entity in enumerate(entities)}
    mentions = tuple(Placed(a, b, mention.kind, place[mention.entity]) for a, b, mention in inside)
    return Window(tokens.part(first, end), tuple(owners[first:end]), mentions, entities)
