"""What a run computed anew, for metrics: what it kept from earlier runs was counted when it was made."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aegis_pipeline.records import Entity

DURATION_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the buckets, in seconds; one more bucket has what took longer."""
BUCKETS = (*map(str, DURATION_BOUNDS), "+Inf")
"""The buckets as Prometheus names them."""


@dataclass(frozen=True, slots=True)
class Durations:
    """How long one phase took for each document of a run: how many fall into each bucket, and all their seconds."""

    buckets: tuple[int, ...]
    seconds: float


def durations(seconds: float, lengths: Sequence[int]) -> Durations:
    """A phase reads documents in batches, so that none has a time of its own: its ``seconds`` are shared among them by
    their ``lengths`` in characters (each at least 1)."""
    buckets = [0] * (len(DURATION_BOUNDS) + 1)
    total = sum(max(length, 1) for length in lengths)
    for length in lengths:
        buckets[bisect_left(DURATION_BOUNDS, seconds * max(length, 1) / total)] += 1
    return Durations(tuple(buckets), seconds if lengths else 0.0)


def new_entities(entities: Iterable[Entity], computed: Collection[str]) -> Counter[str]:
    """Type → how many entities are named in a document that was ``computed``."""
    return Counter(
        entity.type for entity in entities if any(mention.document_id in computed for mention in entity.mentions)
    )


def lengths_of(computed: Collection[str], characters: Mapping[str, int]) -> list[int]:
    """The length of each computed document that is still there."""
    return [characters[document] for document in computed if document in characters]
