"""What stands around a mention in its sentence."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aegis_pipeline.records import Mention


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention in its sentence: ``start`` and ``end`` are indices into ``mention.context``."""

    mention: Mention
    start: int
    end: int

    @property
    def before(self) -> str:
        """The sentence up to the mention."""
        return self.mention.context[: self.start]

    @property
    def after(self) -> str:
        """The sentence from the mention's end."""
        return self.mention.context[self.end :]


def by_sentence(mentions: Iterable[Mention]) -> list[list[Placed]]:
    """The mentions of one document, sentence by sentence, in their order. Those whose sentence is not known are left
    out."""
    groups: dict[int, list[Mention]] = defaultdict(list)
    for mention in sorted(mentions, key=lambda m: m.span.start):
        groups[mention.sentence].append(mention)
    return [_placed(group) for group in groups.values()]


def _placed(mentions: Sequence[Mention]) -> list[Placed]:
    """A sentence's offset in the document is the one at which all its mentions stand where they say."""
    first = mentions[0]
    at = first.context.find(first.text)
    while at >= 0:
        placed = [_at(mention, mention.span.start - first.span.start + at) for mention in mentions]
        if all(p.mention.context[p.start : p.end] == p.mention.text for p in placed):
            return placed
        at = first.context.find(first.text, at + 1)
    return []


def _at(mention: Mention, start: int) -> Placed:
    return Placed(mention, start, start + len(mention.text))
