"""Local entities of one main name: one thing over the batch, unless the documents say otherwise."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from aegis_pipeline.entities.local_entities import LocalEntity
from aegis_pipeline.entities.overrides import Marks


@dataclass(frozen=True)
class NameGroup:
    """Local entities of several documents that are one thing by their main name, in one sense."""

    entities: tuple[LocalEntity, ...]
    kind: str = ""
    # What tells it apart from the batch's other things of its name, in its id; empty for the usual one.
    bearer: str = ""

    @property
    def key(self) -> str:
        """The main name's key."""
        return self.entities[0].main.key

    @property
    def sense(self) -> str:
        """The sense that all have."""
        return self.entities[0].main.sense

    @cached_property
    def documents(self) -> frozenset[str]:
        """Where it is named."""
        return frozenset(entity.document_id for entity in self.entities)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all its names."""
        return frozenset(name.key for entity in self.entities for name in entity.names)

    @cached_property
    def marks(self) -> Marks:
        """What the user says of it."""
        return reduce(or_, (entity.marks for entity in self.entities))

    @cached_property
    def is_contrasted(self) -> bool:
        """A document has another thing of this name."""
        return any(entity.is_contrasted for entity in self.entities)


def name_groups(entities: Iterable[LocalEntity]) -> list[NameGroup]:
    """The entities of a batch by main name and sense, homonyms apart, in a fixed order."""
    by_name: dict[tuple[str, str], list[LocalEntity]] = defaultdict(list)
    for entity in sorted(entities, key=lambda e: (e.main.order, e.document_id)):
        by_name[entity.main.key, entity.main.sense].append(entity)
    return [group for name in sorted(by_name) for group in _bearers(by_name[name])]


def _bearers(entities: Sequence[LocalEntity]) -> list[NameGroup]:
    """One group for each kind that documents name. Who is of no kind goes with the kind that most documents name, but
    where his document has two of the name, or the user says so, he stays apart."""
    common, told_apart = _most_common(entities), _told_apart(entities)
    groups: dict[tuple[str, str], list[LocalEntity]] = defaultdict(list)
    for entity in entities:
        kind = entity.kind or ("" if entity.is_contrasted else common)
        alone = f"{entity.document_id} {entity.main.bearer}" if entity.is_contrasted and not entity.kind else ""
        told = entity.marks.bearer(told_apart)
        groups[kind, f"{alone}{told}" or (kind if kind != common else "")].append(entity)
    return [NameGroup(tuple(groups[place]), *place) for place in sorted(groups)]


def _told_apart(entities: Iterable[LocalEntity]) -> set[int]:
    """The rules of the user's file that keep some of them apart."""
    count = Counter(rule for rule, _ in {side for entity in entities for side in entity.marks.apart})
    return {rule for rule, sides in count.items() if sides > 1}


def _most_common(entities: Iterable[LocalEntity]) -> str:
    """The kind that most documents with one bearer name; none where they name none."""
    count = Counter(entity.kind for entity in entities if entity.kind and not entity.is_contrasted)
    return min(count, key=lambda kind: (-count[kind], kind), default="")
