"""What one document names: its local entities, and the main name of each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from aegis_pipeline.entities.local_names import LocalName
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.overrides import Marks
from aegis_pipeline.entities.well_known import well_known
from aegis_pipeline.entities.within import ScoredPair


@dataclass(frozen=True, slots=True)
class LocalEntity:
    """One thing in one document. ``names`` begins with the main name; ``links`` are the pairs that made it one.
    ``is_contrasted`` where the document has another thing of the same main name; ``marks`` is what the
    user's overrides say of it."""

    document_id: str
    names: tuple[LocalName, ...]
    links: tuple[ScoredPair, ...]
    is_contrasted: bool
    marks: Marks

    @property
    def main(self) -> LocalName:
        """The fullest of its names: what it is known by in other documents."""
        return self.names[0]

    @property
    def kind(self) -> str:
        """What the document says that it is, of its main name; empty where it says nothing."""
        return self.main.kind


def local_entities(
    clusters: Sequence[Sequence[LocalName]],
    scored: Collection[ScoredPair],
    threshold: float,
    marks_of: Callable[[LocalName], Marks],
) -> list[LocalEntity]:
    """The clusters of one document as entities."""
    bearers: dict[str, int] = {}
    for cluster in clusters:
        for key in {name.key for name in cluster}:
            bearers[key] = bearers.get(key, 0) + 1
    cluster_of = {id(name): at for at, cluster in enumerate(clusters) for name in cluster}
    links: dict[int, list[ScoredPair]] = {}
    for found in scored:
        one, other = (cluster_of[id(name)] for name in found.pair)
        if one == other and found.score >= threshold:
            links.setdefault(one, []).append(found)
    entities = []
    for at, cluster in enumerate(clusters):
        names = tuple(sorted(cluster, key=fullness))
        told = replace(reduce(or_, map(marks_of, names)), here=marks_of(names[0]).here)
        contrasted = bearers[names[0].key] > 1
        entities.append(LocalEntity(names[0].document_id, names, tuple(links.get(at, ())), contrasted, told))
    return entities


def fullness(name: LocalName) -> tuple[bool, bool, int, int, int, tuple[str, str, str]]:
    """Sorts the main name first: the one under which a thing is well known, then no acronym, most words, most
    mentions."""
    listed = well_known().get(name.key)
    is_listed = listed is not None and normalise(listed) == name.key
    return (
        not is_listed,
        bool(name.name.acronym),
        -len(name.name.core),
        -len(name.mentions),
        -len(name.key),
        name.order,
    )
