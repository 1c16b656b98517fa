"""Which entities of different batches are one node of the graph, and what its key is.

An entity of a batch is a *thing*: its plain name as LightRAG keeps it, its graph type, and a mark where the batch has
several of one name and type. Equal things are one node: this is the place where an identity over the whole corpus would
decide otherwise. Keys are a function of what all batches contribute, so the order in which they came does not show.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from aegis_pipeline.entities import Claim, Thing, assign_keys, distinguish
from aegis_pipeline.graph.mapping import graph_type
from aegis_pipeline.records import Entity

_SEPARATOR = "\x1f"  # sanitised texts do not hold it


def encode(thing: Thing) -> str:
    """A thing as contributions name it."""
    return _SEPARATOR.join(thing)


def decode(thing: str) -> Thing:
    """What ``encode`` was given."""
    return Thing(*thing.rsplit(_SEPARATOR, 2))


def things_of(entities: Sequence[Entity]) -> dict[str, str]:
    """Entity id → thing, for the entities of one batch."""
    found = distinguish(Claim(e.id, e.name, graph_type(e.type), _weight(e)) for e in entities)
    return {entity_id: encode(thing) for entity_id, thing in found.items()}


def _weight(entity: Entity) -> tuple[int, ...]:
    return (len({mention.document_id for mention in entity.mentions}), len(entity.mentions))


def final_keys(batches: Iterable[Sequence[Iterable[str]]]) -> dict[str, str]:
    """Thing → key of its node. ``batches`` are the things of each document of each batch.

    Where batches use one plain name for several types, the type of most batches has it, then that of most documents.
    """
    weights: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for documents in batches:
        for thing, count in Counter(thing for document in documents for thing in document).items():
            weights[thing][0] += 1
            weights[thing][1] += count
    keys = assign_keys({decode(thing): tuple(weight) for thing, weight in weights.items()})
    return {encode(thing): key for thing, key in keys.items()}


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """The things that are in both and whose keys differ."""
    return {thing for thing in before.keys() & after.keys() if before[thing] != after[thing]}
