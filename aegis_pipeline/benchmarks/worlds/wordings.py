"""The words and sentences of generated documents, from ``wordings.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a fact says of a thing: the Wikidata property, and the kind of thing at its other end.

    ``inverse`` is the property that says the same from there.
    """

    pid: str
    kind: str
    inverse: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: its type in gold, and the sentences about it. One without sentences is only ever named.

    ``standing_in`` are the words, at the start of a sentence, that may stand for a thing named before.
    """

    type: str
    weight: int = 0
    standing_in: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wordings:
    """All of it. ``words`` are parts of names, in one list or in two whose members are joined."""

    words: dict[str, list[str] | list[list[str]]]
    attributes: dict[str, Attribute]
    kinds: dict[str, Kind]
    filler: dict[str, tuple[str, ...]]


@cache
def wordings() -> Wordings:
    """As the package has them."""
    data = files("aegis_pipeline.benchmarks.worlds").joinpath("wordings.toml").read_text(encoding="utf-8")
    return TypeAdapter(Wordings).validate_python(tomllib.loads(data))
