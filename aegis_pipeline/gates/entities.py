"""Gates behind phase 2: everything is one thing, nothing is, or things are joined that are not one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aegis_pipeline.entities import normalise
from aegis_pipeline.gates.verdict import WORST, Verdict
from aegis_pipeline.records import Entity


@dataclass(frozen=True, slots=True)
class EntityNames:
    """An entity's canonical name, and the distinct normalised names that its mentions have."""

    name: str
    keys: frozenset[str]

    @classmethod
    def of(cls, entities: Iterable[Entity]) -> "list[EntityNames]":
        """Those of the entities that are nodes of the graph."""
        nodes = (entity for entity in entities if entity.is_node)
        return [cls(entity.name, frozenset(normalise(m.text) for m in entity.mentions)) for entity in nodes]


@dataclass(frozen=True, slots=True)
class DedupLimits:
    """``minimum`` and ``maximum`` entities per distinct name, the largest share of all distinct names that one entity
    may have, and how many distinct names are enough to judge by."""

    minimum: float
    maximum: float
    max_share: float
    names: int


@dataclass(frozen=True, slots=True)
class IdentityOnGold:
    """Pairs of mentions of the gold that phase 2 made one entity: ``right``, ``wrong``, and those that it ``missed``.

    ``joined`` has the names of each entity that holds several things of the gold.
    """

    right: int
    wrong: int
    missed: int
    joined: tuple[str, ...] = ()

    @property
    def precision(self) -> float:
        """The share of pairs made that are right; 0 where none was made, for then nothing was joined at all."""
        made = self.right + self.wrong
        return self.right / made if made else 0.0


def dedup_ratio_bounds(entities: Sequence[EntityNames], limits: DedupLimits) -> Verdict:
    """Entities per distinct name: near 0 everything was joined; far above 1 equal names were not.

    Things of one name (a city and a person, say) raise it a little above 1, aliases lower it.
    """
    names = len(frozenset[str]().union(*(entity.keys for entity in entities)))
    ratio = len(entities) / names if names else 1.0
    largest = sorted(entities, key=lambda entity: (-len(entity.keys), entity.name))[:WORST]
    share = len(largest[0].keys) / names if names else 0.0
    evidence = {
        "entities": len(entities),
        "distinct_names": names,
        "entities_per_name": round(ratio, 4),
        "minimum": limits.minimum,
        "maximum": limits.maximum,
        "largest_share": round(share, 4),
        "max_share": limits.max_share,
        "most_names": [f"{entity.name}: {len(entity.keys)}" for entity in largest],
    }
    if names < limits.names:
        return Verdict.undecided(f"{names} distinct names, {limits.names} are needed.", evidence)
    passed = limits.minimum <= ratio <= limits.maximum and share <= limits.max_share
    said = f"{len(entities)} entities of {names} distinct names; one has {share:.0%} of them."
    remedy = "" if passed else " `aegis explain NAME` says why names are, or are not, one."
    return Verdict(passed, False, said + remedy, evidence)


def dedup_precision_on_gold(found: IdentityOnGold, minimum: float) -> Verdict:
    """Of the pairs of mentions of the bundled gold that phase 2 joins, the share that is one thing."""
    passed = found.precision >= minimum
    remedy = "" if passed else " Phase 2 or its encoder was changed for the worse: nothing is merged by it."
    return Verdict(
        passed=passed,
        warning=False,
        description=f"{found.right} of {found.right + found.wrong} pairs joined on the gold are right.{remedy}",
        evidence={
            "precision": round(found.precision, 4),
            "minimum": minimum,
            "pairs_right": found.right,
            "pairs_wrong": found.wrong,
            "pairs_missed": found.missed,
            "joined_wrongly": list(found.joined[:WORST]),
        },
    )
