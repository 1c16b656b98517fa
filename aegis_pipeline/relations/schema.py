"""The relation schema: what a relation may say, and between things of which types. ``schema_file.py`` reads it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property

from aegis_pipeline.errors import InputError


@dataclass(frozen=True, slots=True)
class Predicate:
    """What a relation may say: its Wikidata property if it is one, the words for it, and the types of its two ends."""

    key: str
    pid: str | None
    label: str
    definition: str
    synonyms: tuple[str, ...]
    head: frozenset[str]
    tail: frozenset[str]
    inverse: str | None = None
    symmetric: bool = False


class RelationSchema(Mapping[str, Predicate]):
    """Every predicate by its key, in the order of its file; never changed, and equal where its content is."""

    def __init__(self, predicates: Iterable[Predicate]) -> None:
        self._predicates = {predicate.key: predicate for predicate in predicates}

    def __getitem__(self, key: str) -> Predicate:
        return self._predicates[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._predicates)

    def __len__(self) -> int:
        return len(self._predicates)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RelationSchema) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """A hash of the content and its order: it goes into the version of whatever reads by the schema."""
        plain = [asdict(found) | {"head": sorted(found.head), "tail": sorted(found.tail)} for found in self.values()]
        return hashlib.sha256(json.dumps(plain).encode()).hexdigest()

    @cached_property
    def by_pid(self) -> dict[str, Predicate]:
        """The predicates that are Wikidata properties, by their numbers."""
        return {found.pid: found for found in self.values() if found.pid}

    def predicate(self, key: str) -> Predicate:
        """The predicate with this key.

        Raises:
            InputError: there is none.
        """
        if key not in self:
            raise InputError(
                f"The relation schema has no predicate {key!r}. Relations that were read by another schema are to be "
                "read again: run the relations phase, or set RELATION_SCHEMA to the schema that they were read by."
            )
        return self[key]

    def kept(self, stated: Predicate) -> Predicate:
        """The one of a predicate and its inverse that the graph keeps: that which comes first."""
        other = self[stated.inverse] if stated.inverse else stated
        return min(stated, other, key=lambda found: self._places[found.key])

    def words(self, stated: Predicate) -> tuple[str, ...]:
        """The words by which a text or a question speaks of a statement, in either direction."""
        kept = self.kept(stated)
        both = (kept, self[kept.inverse]) if kept.inverse else (kept,)
        return tuple(word for found in both for word in (found.label, *found.synonyms))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self)}


_FUNCTION_WORDS = frozenset(
    {"a", "after", "an", "and", "as", "at", "before", "by", "do", "for", "from", "have", "he", "in", "into", "is", "it"}
    | {"of", "on", "or", "she", "the", "to", "what", "which", "who", "with"}
)


def match_predicates(words: Iterable[str], schema: RelationSchema) -> list[Predicate]:
    """The predicates that some words speak of: those of whose label or synonyms every content word is there.

    Args:
        words: words of a question, or better words and lemmas, in any case.
        schema: the predicates to choose from.

    Returns:
        Best first: the longer the phrase that matched the better; then in the schema's order.
    """
    spoken = {word.lower() for word in words}
    lengths = [(max(map(len, _phrases_within(found, spoken)), default=0), found) for found in schema.values()]
    return [found for length, found in sorted(lengths, key=lambda match: -match[0]) if length]


def _phrases_within(found: Predicate, spoken: set[str]) -> list[frozenset[str]]:
    return [phrase for phrase in _phrases(found) if phrase <= spoken]


@cache
def _phrases(found: Predicate) -> tuple[frozenset[str], ...]:
    """The content words of the label and of each synonym; a phrase of function words alone says nothing."""
    phrases = (frozenset(phrase.lower().split()) - _FUNCTION_WORDS for phrase in (found.label, *found.synonyms))
    return tuple(phrase for phrase in phrases if phrase)
