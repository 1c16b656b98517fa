"""The relation schema: every predicate of the project, read from ``schema.toml``."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, TypeAdapter

from aegis_pipeline.errors import InputError


@dataclass(frozen=True, slots=True)
class Predicate:
    """What a relation may say: its Wikidata property, the words for it, and the types of its two ends."""

    key: str
    pid: str
    label: str
    definition: str
    synonyms: tuple[str, ...]
    head: frozenset[str]
    tail: frozenset[str]
    inverse: str | None = None
    symmetric: bool = False


class _Entry(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    pid: str
    label: str
    definition: str
    synonyms: list[str]
    head: list[str]
    tail: list[str]
    inverse: str | None = None
    symmetric: bool = False


_FUNCTION_WORDS = frozenset(
    {"a", "after", "an", "and", "as", "at", "before", "by", "do", "for", "from", "have", "he", "in", "into", "is", "it"}
    | {"of", "on", "or", "she", "the", "to", "what", "which", "who", "with"}
)


@cache
def load_schema() -> Mapping[str, Predicate]:
    """Every predicate by its key, in the file's order.

    Raises:
        pydantic.ValidationError: the file, a part of this package, has an entry that is not valid.
        InputError: an inverse is no key, or does not point back.
    """
    text = files(__package__).joinpath("schema.toml").read_text(encoding="utf-8")
    entries = TypeAdapter(dict[str, _Entry]).validate_python(tomllib.loads(text))
    schema = {key: _predicate(key, entry) for key, entry in entries.items()}
    for predicate in schema.values():
        if predicate.inverse and (
            predicate.inverse not in schema or schema[predicate.inverse].inverse != predicate.key
        ):
            raise InputError(f"schema.toml: {predicate.key} and its inverse {predicate.inverse} must name each other.")
    return MappingProxyType(schema)


def predicate(key: str) -> Predicate:
    """The predicate with this key.

    Raises:
        InputError: there is none.
    """
    try:
        return load_schema()[key]
    except KeyError:
        raise InputError(f"No predicate {key!r}; relations/schema.toml lists them, for example founded_by.") from None


def match_predicates(words: Iterable[str]) -> list[Predicate]:
    """The predicates that some words speak of: those of whose label or synonyms every content word is there.

    Args:
        words: words of a question, or better words and lemmas, in any case.

    Returns:
        Best first: the longer the phrase that matched the better; then in the schema's order.
    """
    spoken = {word.lower() for word in words}
    lengths = [(max(map(len, _phrases_within(found, spoken)), default=0), found) for found in load_schema().values()]
    return [found for length, found in sorted(lengths, key=lambda match: -match[0]) if length]


def _phrases_within(found: Predicate, spoken: set[str]) -> list[frozenset[str]]:
    return [phrase for phrase in _phrases(found) if phrase <= spoken]


@cache
def _phrases(found: Predicate) -> tuple[frozenset[str], ...]:
    """The content words of the label and of each synonym; a phrase of function words alone says nothing."""
    phrases = (frozenset(phrase.lower().split()) - _FUNCTION_WORDS for phrase in (found.label, *found.synonyms))
    return tuple(phrase for phrase in phrases if phrase)


def _predicate(key: str, entry: _Entry) -> Predicate:
    return Predicate(
        key=key,
        pid=entry.pid,
        label=entry.label,
        definition=entry.definition,
        synonyms=tuple(entry.synonyms),
        head=frozenset(entry.head),
        tail=frozenset(entry.tail),
        inverse=entry.inverse,
        symmetric=entry.symmetric,
    )
