"""Reading the patterns: ``patterns.toml`` and ``places.toml``, and ``precision.json`` with what was measured."""

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, TypeAdapter

from aegis_pipeline.relations.parse.patterns import End, Pattern, Patterns, Reading
from aegis_pipeline.relations.schema import Predicate, predicate

PRIOR_WEIGHT = 4
"""How many statements of average precision are added to those that were measured for a reading."""

COMPOSED = "composed"
"""The reading under which ``composition`` is measured."""

_NEVER_MEASURED = 0.5


class Measured(BaseModel):
    """How often one reading of a pattern was right on labelled documents."""

    right: int
    found: int


class Precision(BaseModel):
    """``precision.json``: what was measured for each reading, on what, and by which command."""

    command: str
    data: str
    readings: dict[str, Measured]

    def confidence(self, reading: str) -> float:
        """The measured precision, drawn towards that of all readings where this one was seen seldom."""
        seen = self.readings.get(reading, Measured(right=0, found=0))
        return round((seen.right + PRIOR_WEIGHT * self._average()) / (seen.found + PRIOR_WEIGHT), 4)

    def _average(self) -> float:
        found = sum(measured.found for measured in self.readings.values())
        return sum(measured.right for measured in self.readings.values()) / found if found else _NEVER_MEASURED


class _Entry(BaseModel):
    """One table of ``patterns.toml``; its head describes the fields."""

    model_config = ConfigDict(extra="forbid", strict=True)

    triggers: list[str] = []
    head: list[str]
    tail: list[str]
    head_types: list[str] | None = None
    tail_types: list[str] | None = None
    head_not_in: str | None = None
    tail_in: str | None = None
    tail_words: list[str] = []


_PATTERNS = TypeAdapter(dict[str, list[_Entry]])
_PLACES = TypeAdapter(dict[str, frozenset[str]])


@cache
def load_patterns() -> Patterns:
    """All patterns of the package, with their confidence.

    Raises:
        pydantic.ValidationError: a file of this package has an entry that is not valid.
        InputError: a pattern's predicate is not in the schema.
    """
    texts = {name: files(__package__).joinpath(name).read_text("utf-8") for name in _FILES}
    schema = files("aegis_pipeline.relations").joinpath("schema.toml").read_text("utf-8")
    entries = _PATTERNS.validate_python(tomllib.loads(texts["patterns.toml"]))
    places = _PLACES.validate_python(tomllib.loads(texts["places.toml"]))
    precision = Precision.model_validate_json(texts["precision.json"])
    composed = precision.confidence(COMPOSED)
    patterns = [_pattern(predicate(key), entry, places, precision) for key, group in entries.items() for entry in group]
    version = hashlib.sha256("".join([schema, *texts.values()]).encode()).hexdigest()[:12]
    return Patterns(patterns, version, composed)


_FILES = ("patterns.toml", "places.toml", "precision.json")


def _pattern(meant: Predicate, entry: _Entry, places: Mapping[str, frozenset[str]], precision: Precision) -> Pattern:
    head = End(
        roles=frozenset(entry.head),
        types=frozenset(entry.head_types or meant.head),
        not_names=places[entry.head_not_in] if entry.head_not_in else frozenset(),
    )
    tail = End(
        roles=frozenset(entry.tail),
        types=frozenset(entry.tail_types or meant.tail),
        names=places[entry.tail_in] if entry.tail_in else frozenset(),
        words=frozenset(entry.tail_words),
    )
    trigger = entry.triggers[0] if entry.triggers else "*"
    name = f"{meant.key}: {_end(entry.head, entry.head_types)} <{trigger}> {_end(entry.tail, entry.tail_types)}"
    other = meant if meant.symmetric else predicate(meant.inverse) if meant.inverse else None
    return Pattern(
        triggers=frozenset(entry.triggers),
        head=head,
        tail=tail,
        reading=_reading(name, meant, precision),
        inverse=_reading(f"{name}, inverted", other, precision) if other else None,
    )


def _end(roles: list[str], types: list[str] | None) -> str:
    """One end in the name of a reading: its roles, and its types where they are not the schema's."""
    return "|".join(roles) + (f":{'|'.join(types)}" if types else "")


def _reading(name: str, meant: Predicate, precision: Precision) -> Reading:
    return Reading(name, meant, precision.confidence(name))
