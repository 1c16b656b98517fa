"""A document in sections: what one list of an answer is about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from aegis_pipeline.llm.prompt import BYTES_PER_TOKEN, estimate_tokens
from aegis_pipeline.records import Chunk, Mention, RelationInput, Span

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as the section names it: ``key`` is its number there, ``names`` has the longest first."""

    key: int
    entity: str
    type: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive chunks of one document, their text, and the entities that they name."""

    document: RelationInput
    chunks: tuple[Chunk, ...]
    entities: tuple[Named, ...]

    @property
    def span(self) -> Span:
        """Where it lies in the document."""
        return Span(self.chunks[0].span.start, self.chunks[-1].span.end)

    @property
    def text(self) -> str:
        """Its part of the document's text."""
        return self.document.text[self.span.start : self.span.end]

    @property
    def types(self) -> set[str]:
        """The types of its entities."""
        return {named.type for named in self.entities}

    @property
    def tokens(self) -> int:
        """About how many tokens it has in a prompt."""
        listed = sum(len(named.type) + len(" ".join(named.names)) + 10 for named in self.entities)
        return estimate_tokens(self.text) + listed // BYTES_PER_TOKEN


def sections_of(document: RelationInput, most_tokens: int) -> list[Section]:
    """The whole document, or as many of its chunks at a time as ``most_tokens`` allow, but at least one."""
    cut: list[Section] = []
    for chunk in document.chunks:
        longer = section(document, (*cut[-1].chunks, chunk)) if cut else None
        if longer and longer.tokens <= most_tokens:
            cut[-1] = longer
        else:
            cut.append(section(document, (chunk,)))
    return cut


def section(document: RelationInput, chunks: Sequence[Chunk]) -> Section:
    """The section of these chunks; entities are numbered in the order in which they are first named."""
    ids = {chunk.id for chunk in chunks}
    own: dict[str, list[Mention]] = {}
    for mention in document.mentions:
        if mention.chunk_id in ids and mention.id in document.entity_of:
            own.setdefault(document.entity_of[mention.id], []).append(mention)
    entities = (
        Named(number, entity, document.entity_types[entity], tuple(islice(_names(found), _NAMES_SHOWN)))
        for number, (entity, found) in enumerate(own.items(), start=1)
    )
    return Section(document, tuple(chunks), tuple(entities))


def halves(whole: Section) -> tuple[Section, ...]:
    """A section in two, or as it is where it has one chunk only."""
    middle = len(whole.chunks) // 2
    if not middle:
        return (whole,)
    return section(whole.document, whole.chunks[:middle]), section(whole.document, whole.chunks[middle:])


def _names(mentions: Iterable[Mention]) -> Iterator[str]:
    """Distinct names, the longest first, without those that a longer one has all words of."""
    shown: list[set[str]] = []
    for name in sorted({mention.text for mention in mentions}, key=lambda text: (-len(text), text)):
        words = set(name.split())
        if not any(words <= longer for longer in shown):
            shown.append(words)
            yield " ".join(name.split())
