"""One document about a world, with gold that is exact: whoever writes a name notes where it stands."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from aegis_pipeline.benchmarks.scoring import GoldDocument
from aegis_pipeline.benchmarks.scoring.formats import GoldMention, GoldRelation
from aegis_pipeline.benchmarks.worlds.wordings import Kind, wordings
from aegis_pipeline.benchmarks.worlds.world import Thing, World

_SLOT = re.compile(r"\{(\w+)\}")
_FACTS, _ASIDES, _FILLERS = (2, 5), (1, 2), (1, 2)
_STAND_IN, _ALIAS = 0.4, 0.4


def write_document(rng: random.Random, world: World, key: str, words: int) -> GoldDocument:
    """Paragraph after paragraph until there are ``words`` words, each about one thing of ``world``."""
    page = _Page(rng)
    weights = [wordings().kinds[kind].weight for kind in world.things]
    while page.words < words:
        kind = rng.choices(list(world.things), weights)[0]
        _paragraph(page, world, rng.choice(world.things[kind]))
    return page.document(key)


def _paragraph(page: "_Page", world: World, about: Thing) -> None:
    rng, kind = page.rng, wordings().kinds[about.kind]
    page.break_paragraph()
    page.sentence(rng.choice(kind.opening), {"self": about}, anew=True)
    for pattern, states in _body(rng, kind):
        slots = _slots(rng, world, about, pattern)
        # Somebody may be related to everything of a kind: of that, no aside can be told.
        if slots is not None:
            page.sentence(pattern, slots, states=states)


def _body(rng: random.Random, kind: Kind) -> list[tuple[str, bool]]:
    """Sentences and whether they state facts, in random order."""
    chosen = [(pattern, True) for pattern in _some(rng, kind.facts, _FACTS)]
    chosen += [(pattern, False) for pattern in _some(rng, kind.asides, _ASIDES)]
    chosen += [(pattern, False) for pattern in _some(rng, wordings().filler["sentences"], _FILLERS)]
    return rng.sample(chosen, len(chosen))


def _some(rng: random.Random, patterns: tuple[str, ...], between: tuple[int, int]) -> list[str]:
    return rng.sample(patterns, min(len(patterns), rng.randint(*between)))


def _slots(rng: random.Random, world: World, about: Thing, pattern: str) -> dict[str, Thing] | None:
    """What a sentence about ``about`` names; None where the world has nothing for one of its slots."""
    found = {"self": about, **world.facts[about.id]}
    for slot in _SLOT.findall(pattern):
        if slot not in found:
            unrelated = _unrelated(world, about, slot)
            if not unrelated:
                return None
            found[slot] = rng.choice(unrelated)
    return {slot: found[slot] for slot in _SLOT.findall(pattern)}


def _unrelated(world: World, about: Thing, slot: str) -> list[Thing]:
    """Those of the slot's kind of which nothing holds with ``about``, in neither direction."""
    bound = {about, *world.facts[about.id].values()}
    things = world.things[slot.removeprefix("any_")]
    return [thing for thing in things if thing not in bound and about not in _ends(world, thing)]


def _ends(world: World, thing: Thing) -> list[Thing]:
    return list(world.facts[thing.id].values())


@dataclass(slots=True)
class _Page:
    """A document as it is written."""

    rng: random.Random
    text: str = ""
    sents: list[tuple[int, int]] = field(default_factory=list)
    mentions: list[GoldMention] = field(default_factory=list)
    clusters: dict[str, int] = field(default_factory=dict)
    stated: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)

    @property
    def words(self) -> int:
        return len(self.text.split())

    def break_paragraph(self) -> None:
        self.text += "\n\n" if self.text else ""

    def sentence(self, pattern: str, slots: dict[str, Thing], *, states: bool = False, anew: bool = False) -> None:
        """``anew`` gives the full name again: a stranger must be able to tell whom a paragraph is about."""
        self.text += " " if self.text and not self.text[-1].isspace() else ""
        start, done = len(self.text), 0
        for slot in _SLOT.finditer(pattern):
            self.text += pattern[done : slot.start()]
            self._name(slots[slot[1]], anew=anew, may_stand_in=slot[1] == "self" and self._at(start, pattern, slot))
            done = slot.end()
        self.text += pattern[done:]
        self.sents.append((start, len(self.text)))
        if states:
            self._state(slots)

    def _at(self, start: int, pattern: str, slot: re.Match[str]) -> bool:
        """Whether the slot begins a sentence as its subject."""
        return len(self.text) - start <= len("The ") and pattern[slot.end() : slot.end() + 1] == " "

    def _name(self, thing: Thing, *, anew: bool, may_stand_in: bool) -> None:
        if may_stand_in and not anew and thing.stand_ins and self.rng.random() < _STAND_IN:
            self.text = self.text.removesuffix("The ") + self.rng.choice(thing.stand_ins)
            return
        known = thing.id in self._named and not anew
        name = self.rng.choice(thing.names[1:]) if self._short(thing, known=known) else thing.names[0]
        self._named.add(thing.id)
        cluster = self.clusters.setdefault(thing.id, len(self.clusters))
        start, kind = len(self.text), wordings().kinds[thing.kind]
        self.text += name
        place = {"start": start, "end": len(self.text), "type": kind.type, "cluster": cluster, "kb": thing.id}
        self.mentions.append(cast(GoldMention, place))

    def _short(self, thing: Thing, *, known: bool) -> bool:
        return known and len(thing.names) > 1 and self.rng.random() < _ALIAS

    def _state(self, slots: dict[str, Thing]) -> None:
        about, sentence = slots["self"], len(self.sents) - 1
        for name, thing in slots.items():
            if attribute := wordings().attributes.get(name):
                self.stated.setdefault((about.id, attribute.pid, thing.id), []).append(sentence)
                if attribute.inverse:
                    self.stated.setdefault((thing.id, attribute.inverse, about.id), []).append(sentence)

    def document(self, key: str) -> GoldDocument:
        return {
            "id": key,
            "text": self.text,
            "sents": self.sents,
            "mentions": self.mentions,
            "relations": list(self._relations()),
        }

    def _relations(self) -> Iterator[GoldRelation]:
        for (head, pid, tail), evidence in self.stated.items():
            yield {
                "head": self.clusters[head],
                "tail": self.clusters[tail],
                "pid": pid,
                "evidence": sorted(set(evidence)),
            }
