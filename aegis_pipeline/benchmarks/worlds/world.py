"""A consistent world: things with their names, and what holds of them, whatever document tells it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

from aegis_pipeline.benchmarks.worlds.wordings import wordings

_OF_KIND = {
    "person": ("birthplace", "birthdate", "employer", "spouse", "home"),
    "company": ("seat", "founded", "founder", "parent"),
    "product": ("maker", "launched", "designer"),
    "event": ("venue", "opened", "guest"),
    "town": ("country",),
}
_SIZES = {"land": 1, "town": 4, "person": 8, "company": 5, "product": 4, "event": 3}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name: ``names`` begins with the full one. ``stand_ins`` are words for it after it was named."""

    id: str
    kind: str
    names: tuple[str, ...]
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """Things by kind, and for each of them what its attributes are."""

    things: dict[str, list[Thing]]
    facts: dict[str, dict[str, Thing]]


def make_world(rng: random.Random, number: int) -> World:
    """One of many worlds that have no thing in common, though they may share names; some twenty-five things."""
    things: dict[str, list[Thing]] = {kind: [] for kind in _SIZES}
    for kind, size in _SIZES.items():
        taken: set[str] = set()
        while len(things[kind]) < size:
            thing = _thing(rng, f"{number}-{kind}-{len(things[kind])}", kind, things)
            if thing.names[0] not in taken:
                taken.add(thing.names[0])
                things[kind].append(thing)
    return World(things, dict(_facts(rng, number, things)))


def _thing(rng: random.Random, key: str, kind: str, known: dict[str, list[Thing]]) -> Thing:
    words = wordings().words
    stand_ins = wordings().kinds[kind].standing_in
    if kind == "person":
        female = rng.random() < 1 / 2
        family = _family(rng, known["person"])
        given = rng.choice(words["given_f" if female else "given_m"])
        return Thing(key, kind, (f"{given} {family}", family), ("She" if female else "He",))
    if kind == "company":
        # A firm bears its founder's name, as firms do: the same word is then a person and a company.
        first = rng.choice(known["person"]).names[1] if rng.random() < 1 / 2 else _joined(rng, "family")
        short = f"{first} {rng.choice(words['trade'])}"
        return Thing(key, kind, (f"{short} {rng.choice(words['form'])}", short, first), stand_ins)
    if kind == "product":
        name = _joined(rng, "model")
        return Thing(key, kind, (f"{name} {rng.randrange(2, 90) * 10}", name), stand_ins)
    if kind == "event":
        town = rng.choice(known["town"]).names[0]
        short = f"{town} {rng.choice(words['gathering'])}"
        return Thing(key, kind, (f"{rng.choice(('Second', 'Third', 'Fourth', 'Fifth'))} {short}", short), stand_ins)
    return Thing(key, kind, (_joined(rng, "place" if kind == "town" else "land"),), stand_ins)


def _family(rng: random.Random, known: list[Thing]) -> str:
    """Often that of somebody else: relatives and namesakes are what makes identity hard."""
    return rng.choice(known).names[1] if known and rng.random() < 1 / 4 else _joined(rng, "family")


def _joined(rng: random.Random, name: str) -> str:
    return "".join(str(rng.choice(part)) for part in wordings().words[name])


def _facts(rng: random.Random, number: int, things: dict[str, list[Thing]]) -> Iterator[tuple[str, dict[str, Thing]]]:
    """Everything that holds, each thing's attributes; couples are couples from both sides."""
    people = rng.sample(things["person"], len(things["person"]))
    couples = dict(zip(people[::2], people[1::2], strict=True))
    couples |= {second: first for first, second in couples.items()}
    days, dates = _dates(rng), count()
    for kind, names in _OF_KIND.items():
        for thing in things[kind]:
            own: dict[str, Thing] = {}
            for name in names:
                of = wordings().attributes[name].kind
                if name == "spouse":
                    own[name] = couples[thing]
                elif of == "date":
                    own[name] = Thing(f"{number}-date-{next(dates)}", "date", (next(days),))
                else:
                    own[name] = rng.choice([other for other in things[of] if other is not thing])
            yield thing.id, own


def _dates(rng: random.Random) -> Iterator[str]:
    """Days in random order, none twice."""
    years, months = range(1871, 2021), wordings().words["month"]
    for year, month in rng.sample(list(product(years, months)), 60):
        yield f"{rng.randrange(1, 29)} {month} {year}"
