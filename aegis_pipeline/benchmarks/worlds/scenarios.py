"""The benchmark's scenarios: how many documents of which length."""

import random
from dataclasses import dataclass

from aegis_pipeline.benchmarks.scoring import GoldDocument
from aegis_pipeline.benchmarks.worlds.world import World, make_world
from aegis_pipeline.benchmarks.worlds.writing import write_document
from aegis_pipeline.errors import InputError

SMALL, MEDIUM, LARGE = (100, 500), (500, 2_000), (2_000, 5_000)
SCALES = (10, 50, 200, 500, 2_000)
_SHORT_OF_THE_END = 0.8
_A_WORLD = 5


@dataclass(frozen=True, slots=True)
class Scenario:
    """``documents`` documents of at least ``words[0]`` and at most ``words[1]`` words each."""

    name: str
    documents: int
    words: tuple[int, int]


_ALL = (
    Scenario("small", 5, SMALL),
    Scenario("medium", 3, MEDIUM),
    Scenario("large", 2, LARGE),
    Scenario("batch_10", 10, MEDIUM),
    Scenario("batch_50", 50, SMALL),
    *(Scenario(f"scale_{documents}", documents, SMALL) for documents in SCALES),
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
"""Every scenario by its name."""


def scenario_named(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        InputError: there is none.
    """
    if name not in SCENARIOS:
        raise InputError(f"There is no scenario {name!r}; valid are {', '.join(SCENARIOS)}.")
    return SCENARIOS[name]


def documents_of(scenario: Scenario, seed: int) -> tuple[GoldDocument, ...]:
    """Its documents, in order; ids are the paths that they have as files. The same seed gives the same, everywhere.

    Five documents in a row share a world: they tell of the same people and firms. Documents of equal seed and number
    are equal in all scenarios of one length, so that a scale contains the ones below it.
    """
    low, high = scenario.words
    found: list[GoldDocument] = []
    world: World
    for number in range(scenario.documents):
        if number % _A_WORLD == 0:
            world = make_world(_rng(seed, low, "world", number // _A_WORLD), number // _A_WORLD)
        rng = _rng(seed, low, "document", number)
        # A paragraph may go beyond the length that was drawn, but never beyond the scenario's.
        words = rng.randint(low, int(low + (high - low) * _SHORT_OF_THE_END * rng.random()) + 1)
        found.append(write_document(rng, world, f"document_{number:04d}.txt", words))
    return tuple(found)


def _rng(*of: object) -> random.Random:
    """Seeded by a string, whose hash is the same in every process."""
    return random.Random(" ".join(map(str, of)))  # noqa: S311 - stories, not secrets
