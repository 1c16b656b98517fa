"""Reading the patterns: ``patterns.toml`` and ``places.toml``, and ``precision.json`` with what was measured."""

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, TypeAdapter

from aegis_pipeline.relations.parse.patterns import REFERRED, End, Pattern, Patterns, Reading
from aegis_pipeline.relations.schema import Predicate, predicate

PRIOR_WEIGHT = 4
"""How many statements of average precision are added to those that were measured for a reading."""

COMPOSED, COMPOSED_ACROSS = "composed", "composed across sentences"
"""The readings under which ``composition`` is measured."""

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
        return self._drawn(reading, self._average(referred=False))

    def referred(self, reading: str) -> float:
        """That of the reading by reference, drawn towards what reference leaves of the reading's own precision."""
        share = min(1.0, self._average(referred=True) / self._average(referred=False))
        return self._drawn(reading + REFERRED, self.confidence(reading) * share)

    def _drawn(self, reading: str, prior: float) -> float:
        seen = self.readings.get(reading, Measured(right=0, found=0))
        return round((seen.right + PRIOR_WEIGHT * prior) / (seen.found + PRIOR_WEIGHT), 4)

    def _average(self, *, referred: bool) -> float:
        counts = [measured for name, measured in self.readings.items() if name.endswith(REFERRED) is referred]
        found = sum(measured.found for measured in counts)
        return sum(measured.right for measured in counts) / found if found else _NEVER_MEASURED


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
_NAMES = TypeAdapter(dict[str, frozenset[str]])


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
    places = _NAMES.validate_python(tomllib.loads(texts["places.toml"]))
    precision = Precision.model_validate_json(texts["precision.json"])
    composed, across = precision.confidence(COMPOSED), precision.confidence(COMPOSED_ACROSS)
    patterns = [_pattern(predicate(key), entry, places, precision) for key, group in entries.items() for entry in group]
    version = hashlib.sha256("".join([schema, *texts.values()]).encode()).hexdigest()[:12]
    kinds = {
        noun: kind
        for kind, nouns in _NAMES.validate_python(tomllib.loads(texts["kinds.toml"])).items()
        for noun in nouns
    }
    return Patterns(patterns, version, composed, across, places["countries"], kinds)


_FILES = ("patterns.toml", "places.toml", "kinds.toml", "precision.json")


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
    return Reading(name, meant, precision.confidence(name), precision.referred(name))
