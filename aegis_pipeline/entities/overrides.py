"""What the user knows better: names that are always one thing, and names that never are.

The rules as they are written (``override_file.py`` reads them), and what they say of each name of a batch.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aegis_pipeline.entities.clusters import united
from aegis_pipeline.errors import InputError

EVERYWHERE = "*"
KeyOf = Callable[[str], str]


class Side(BaseModel):
    """A name, in the documents whose path fits the pattern."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    documents: Annotated[str, Field(min_length=1)] = EVERYWHERE

    def __str__(self) -> str:
        return repr(self.name) + ("" if self.documents == EVERYWHERE else f" in {self.documents!r}")


def _as_side(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Rule(BaseModel):
    """Names that belong together, or do not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: Annotated[tuple[Annotated[Side, BeforeValidator(_as_side)], ...], Field(min_length=2)]


class MergeOverrides(BaseModel):
    """Every rule of the user's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    together: tuple[Rule, ...] = ()
    apart: tuple[Rule, ...] = ()


NO_OVERRIDES = MergeOverrides()


@dataclass(frozen=True, slots=True)
class Marks:
    """What the rules say of a thing: which rules join it, which of these mean its main name in some documents only
    (``here``), and which side it is of the rules that keep it apart."""

    together: frozenset[int] = frozenset()
    here: frozenset[int] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()

    def __or__(self, other: "Marks") -> "Marks":
        return Marks(self.together | other.together, self.here | other.here, self.apart | other.apart)

    def excludes(self, other: "Marks") -> bool:
        """The user says that they are two things."""
        return any(rule == own_rule and side != own for own_rule, own in self.apart for rule, side in other.apart)

    def bearer(self, rules: Collection[int]) -> str:
        """What tells a thing from the others of its name, where ``rules`` keep some of them apart; empty where nothing
        does."""
        apart = (f"{rule}.{side}" for rule, side in sorted(self.apart) if rule in rules)
        return " ".join([*apart, *(f"together {rule}" for rule in sorted(self.here))])


NO_MARKS = Marks()


class Place(NamedTuple):
    """A normalised name, and the pattern of the documents in which it is meant."""

    key: str
    documents: str

    def holds(self, path: str) -> bool:
        """Whether the document at ``path`` is one of these."""
        return fnmatchcase(path, self.documents)


@dataclass(frozen=True)
class OverrideIndex:
    """The rules by key: each place, and its number as a side of each rule."""

    together: Mapping[str, Sequence[tuple[Place, int]]] = field(default_factory=dict)
    apart: Mapping[str, Sequence[tuple[Place, int, int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, overrides: MergeOverrides, key_of: KeyOf) -> "OverrideIndex":
        """``key_of`` gives a name's key, the glossary considered."""
        together: dict[str, list[tuple[Place, int]]] = defaultdict(list)
        apart: dict[str, list[tuple[Place, int, int]]] = defaultdict(list)
        for at, rule in enumerate(overrides.together):
            for place in _places(rule, key_of):
                together[place.key].append((place, at))
        for at, sides in enumerate(apart_sides(overrides, key_of)):
            for number, side in enumerate(sides):
                for place in side:
                    apart[place.key].append((place, at, number))
        return cls(together, apart)

    def marks(self, key: str, path: str) -> Marks:
        """What the rules say of a name in the document at ``path``. Of two sides of one rule that mean it, the one with
        a pattern goes first."""
        if key not in self.together and key not in self.apart:
            return NO_MARKS
        joined = [(place, rule) for place, rule in self.together.get(key, ()) if place.holds(path)]
        kept = [found for found in self.apart.get(key, ()) if found[0].holds(path)]
        kept.sort(key=lambda found: (found[0].documents != EVERYWHERE, -found[2]))
        return Marks(
            frozenset(rule for _, rule in joined),
            frozenset(rule for place, rule in joined if place.documents != EVERYWHERE),
            frozenset({rule: side for _, rule, side in kept}.items()),
        )


def apart_sides(overrides: MergeOverrides, key_of: KeyOf) -> list[list[frozenset[Place]]]:
    """For each rule of ``apart`` its sides: what belongs together stands on the same side as a whole."""
    rules = [_places(rule, key_of) for rule in overrides.together]
    places = list(dict.fromkeys(place for rule in rules for place in rule))
    at = {place: number for number, place in enumerate(places)}
    parts = united([[number] for number in at.values()], ([at[place] for place in rule] for rule in rules))
    whole = {places[one]: frozenset(places[other] for other in part) for part in parts for one in part}
    apart = (_places(rule, key_of) for rule in overrides.apart)
    return [[whole.get(place, frozenset({place})) for place in rule] for rule in apart]


def contradictions(overrides: MergeOverrides, key_of: KeyOf) -> Iterator[tuple[Side, Side, bool]]:
    """Names that the file keeps apart and that are one, and whether rules join them (else they are one name)."""
    for rule, sides in zip(overrides.apart, apart_sides(overrides, key_of), strict=True):
        places = _places(rule, key_of)
        for one, other in combinations(range(len(sides)), 2):
            if sides[one] & sides[other]:
                yield rule.names[one], rule.names[other], places[one] != places[other]


def check_apart(overrides: MergeOverrides, marks: Iterable[Marks]) -> None:
    """See that what was joined into one thing, with these marks, has no two sides of a rule.

    Raises:
        InputError: it has.
    """
    side_of: dict[int, int] = {}
    for rule, side in sorted({side for mark in marks for side in mark.apart}):
        if side_of.setdefault(rule, side) != side:
            names = " and ".join(map(str, overrides.apart[rule].names))
            raise InputError(
                f"AEGIS_MERGE_OVERRIDES keeps {names} apart, but what it joins in this batch has both: remove a rule, "
                "or give its names other documents."
            )


def unmatched(overrides: MergeOverrides, key_of: KeyOf, named: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The sides of rules that mean nothing among ``named``, the keys of a batch with the paths of their documents."""
    paths: dict[str, set[str]] = defaultdict(set)
    for key, path in named:
        paths[key].add(path)
    rules = (*overrides.together, *overrides.apart)
    sides = (side_place for rule in rules for side_place in zip(rule.names, _places(rule, key_of), strict=True))
    return tuple(dict.fromkeys(str(side) for side, place in sides if not any(map(place.holds, paths[place.key]))))


def _places(rule: Rule, key_of: KeyOf) -> list[Place]:
    return [Place(key_of(side.name), side.documents) for side in rule.names]
