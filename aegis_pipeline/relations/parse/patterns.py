"""What a frame states: patterns of trigger, roles, types and names, each with its measured confidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from aegis_pipeline.records import Mention
from aegis_pipeline.relations.parse.frames import NAME, Frame
from aegis_pipeline.relations.parse.surface import COMMA, ELLIPSIS, PARENTHESIS, SOLE_COUNTRY, plain_name
from aegis_pipeline.relations.schema import Predicate

_NO_WORDS = {NAME, COMMA, PARENTHESIS, SOLE_COUNTRY}

REFERRED = ", referred to"
"""Ends the name of a reading one of whose ends is not named in the sentence: its precision is measured apart."""


class Stated(NamedTuple):
    """What one pattern reads in one frame; ``reading`` is what its precision was measured under."""

    reading: str
    predicate: Predicate
    head: Mention
    tail: Mention
    confidence: float


@dataclass(frozen=True, slots=True)
class End:
    """What may stand at one end of a statement: roles, types, and names in lower case (none given: any).

    ``names`` are those allowed, ``not_names`` those forbidden, and the name must have one of ``words``.
    """

    roles: frozenset[str]
    types: frozenset[str]
    names: frozenset[str] = frozenset()
    not_names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def allows(self, mention: Mention, entity_type: str) -> bool:
        """Whether a name may stand here; a name that is listed may be of any type, since taggers err there."""
        name = plain_name(mention)
        if self.names:
            return name in self.names
        return (
            entity_type in self.types
            and name not in self.not_names
            and (not self.words or not self.words.isdisjoint(name.split()))
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One predicate that a frame states, by which the precision of a pattern is measured.

    ``confidence`` is that of names, ``referred`` that where a pronoun or a noun stands for one of them.
    """

    id: str
    predicate: Predicate
    confidence: float
    referred: float

    def of(self, head: Mention, tail: Mention) -> Stated:
        """The statement between two names; those of different sentences were brought together by reference."""
        if head.sentence == tail.sentence:
            return Stated(self.id, self.predicate, head, tail, self.confidence)
        return Stated(self.id + REFERRED, self.predicate, head, tail, self.referred)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A frame's trigger (none given: any common word) and two ends that state ``reading`` from head to tail.

    ``inverse`` is what the same frame states from tail to head, where the schema has a predicate for that.
    """

    triggers: frozenset[str]
    head: End
    tail: End
    reading: Reading
    inverse: Reading | None = None

    def stated(self, frame: Frame, types: Mapping[str, str]) -> Iterator[Stated]:
        """Every statement in a frame; ``types`` gives the type of a mention by its id."""
        heads = [a.mention for a in frame.arguments if a.role in self.head.roles]
        tails = [a.mention for a in frame.arguments if a.role in self.tail.roles]
        for head in heads:
            for tail in tails:
                if self.head.allows(head, types[head.id]) and self.tail.allows(tail, types[tail.id]):
                    yield self.reading.of(head, tail)
                    if self.inverse:
                        yield self.inverse.of(tail, head)


class Patterns:
    """All patterns, found by trigger.

    ``version`` changes with anything in them; ``composed`` is the confidence of what two statements of a sentence say
    together, ``composed_across`` that of two sentences.
    ``countries`` are names in lower case, ``kinds`` the type of a thing by the noun that it is called by.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        version: str,
        composed: float,
        composed_across: float,
        countries: frozenset[str] = frozenset(),
        kinds: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.version = version
        self.composed = composed
        self.composed_across = composed_across
        self.countries = countries
        self.kinds = kinds
        self.all = tuple(patterns)
        self._of_any_word = [pattern for pattern in patterns if not pattern.triggers]
        self._by_trigger: dict[str, list[Pattern]] = {}
        for pattern in patterns:
            for trigger in sorted(pattern.triggers):
                self._by_trigger.setdefault(trigger, []).append(pattern)

    def stated(self, frame: Frame, types: Mapping[str, str]) -> Iterator[Stated]:
        """Every statement of a frame that any pattern knows; ``types`` gives the type of a mention by its id."""
        for pattern in self._by_trigger.get(frame.trigger, []):
            yield from pattern.stated(frame, types)
        if frame.trigger not in _NO_WORDS and not frame.trigger.startswith(ELLIPSIS):
            for pattern in self._of_any_word:
                yield from pattern.stated(frame, types)
