"""The merge log: why each name is the entity's, and which near ones are not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from aegis_pipeline.entities.across import GroupLink
from aegis_pipeline.entities.canonical import surface
from aegis_pipeline.entities.homonyms import NameGroup
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.within import ScoredPair
from aegis_pipeline.records import Entity, MergeDecision

# A pair that is less likely one than this is no near miss, and only the nearest of an entity are told.
LEAST_REFUSAL, MOST_REFUSALS = 0.3, 3
OVERRIDE, GLOSSARY, SAME_KEY, HOMONYM = "override", "glossary", "normalised_key", "homonym"

# What speaks most for a pair, in this order, names the decision.
_REASONS = {
    "well_known": "well_known",
    "initials": "acronym",
    "bracket": "alias_in_brackets",
    "alias_phrase": "alias_phrase",
    "abbreviation": "acronym",
    "family_name": "part_of_person_name",
    "given_name": "part_of_person_name",
    "middle_name": "part_of_person_name",
    "part": "part_of_name",
    "same_without_company": "spelling",
    "plural": "spelling",
}


@dataclass(frozen=True, slots=True)
class LinkedEntity:
    """An entity, the groups of equal names that it was made of, the main one first, and which of them the user's file
    ``joined`` to it."""

    entity: Entity
    groups: tuple[NameGroup, ...]
    joined: tuple[NameGroup, ...] = ()

    @property
    def joined_keys(self) -> set[str]:
        """The keys of the names that the user's file gave it."""
        return {key for group in self.joined for key in group.keys}

    @property
    def apart(self) -> set[tuple[int, int]]:
        """Its sides of the rules in the user's file that keep names apart."""
        return {side for group in self.groups for side in group.marks.apart}


def merge_log(
    linked: Sequence[LinkedEntity],
    links: Iterable[GroupLink],
    near: Iterable[ScoredPair],
    declared: Mapping[str, str],
) -> tuple[MergeDecision, ...]:
    """Every alias with its reason, then the nearest refusals, entity by entity. ``links`` are between their
    groups; ``near`` are the pairs of names in one document; ``declared`` are the keys of the glossary's aliases."""
    owner = {id(group): found for found in linked for group in found.groups}
    own_links: dict[int, list[GroupLink]] = defaultdict(list)
    refused: dict[int, list[MergeDecision]] = defaultdict(list)
    for link in links:
        one, other = owner[id(link.first)], owner[id(link.second)]
        if one is other:
            own_links[id(one)] += [link] if link.accepted else []
        else:
            alias = link.second.entities[0].main.name.surface
            refused[id(one)].append(_decision(one.entity, alias, False, link.reason, link.score, link.evidence))
    for found, refusal in _near_misses(linked, near):
        refused[id(found)].append(refusal)
    for found, refusal in _homonyms(linked):
        refused[id(found)].append(refusal)
    log: list[MergeDecision] = []
    kept_apart = _kept_apart(linked)
    for found in linked:
        log += _accepted(found, own_links[id(found)], declared) if found.entity.aliases else ()
        log += _nearest(kept_apart[id(found)], refused[id(found)])
    return tuple(log)


def _decision(entity: Entity, alias: str, accepted: bool, reason: str, score: float, evidence: str) -> MergeDecision:
    return MergeDecision(entity.id, entity.name, alias, entity.type, accepted, reason, round(score, 4), evidence)


def _accepted(found: LinkedEntity, links: Sequence[GroupLink], declared: Mapping[str, str]) -> Iterator[MergeDecision]:
    """The strongest reason for each alias: equal keys, the glossary, a pair in a document, a pair of groups."""
    reasons: dict[str, tuple[float, str, str]] = {}
    for link in links:
        for key in (link.first.key, link.second.key):
            reasons[key] = max(reasons.get(key, (0.0, "", "")), (link.score, link.reason, link.evidence))
    for scored in (link for group in found.groups for entity in group.entities for link in entity.links):
        for name in scored.pair:
            reasons[name.key] = max(
                reasons.get(name.key, (0.0, "", "")), (scored.score, _reason(scored), _evidence(scored))
            )
    key_of = {surface(m): name.key for g in found.groups for e in g.entities for name in e.names for m in name.mentions}
    main, joined = found.groups[0].key, found.joined_keys
    for alias in found.entity.aliases:
        key = key_of.get(alias, normalise(alias))
        if normalise(alias) in declared:
            yield _decision(found.entity, alias, True, GLOSSARY, 1.0, declared[normalise(alias)])
        elif key == main:
            yield _decision(found.entity, alias, True, SAME_KEY, 1.0, key)
        elif key in joined:
            rules = sorted({rule for group in found.groups for rule in group.marks.together})
            yield _decision(found.entity, alias, True, OVERRIDE, 1.0, _rules("together", rules))
        else:
            score, reason, evidence = reasons[key]
            yield _decision(found.entity, alias, True, reason, score, evidence)


def _rules(kind: str, rules: Iterable[int]) -> str:
    return f"the user's file, [[{kind}]] {', '.join(str(rule + 1) for rule in rules)}"


def _kept_apart(linked: Sequence[LinkedEntity]) -> dict[int, list[MergeDecision]]:
    """For each entity those that the user's file keeps it apart from."""
    sides: dict[int, list[tuple[int, LinkedEntity]]] = defaultdict(list)
    for found in linked:
        for rule, side in found.apart:
            sides[rule].append((side, found))
    refused: dict[int, list[MergeDecision]] = defaultdict(list)
    for rule, members in sorted(sides.items()):
        for (side, found), (other_side, other) in permutations(members, 2):
            if side != other_side:
                evidence = f"{other.entity.key!r}: {_rules('apart', [rule])}"
                refused[id(found)].append(_decision(found.entity, other.entity.name, False, OVERRIDE, 0.0, evidence))
    return refused


def _near_misses(
    linked: Sequence[LinkedEntity], near: Iterable[ScoredPair]
) -> Iterator[tuple[LinkedEntity, MergeDecision]]:
    holder = {
        id(name): found
        for found in linked
        for group in found.groups
        for entity in group.entities
        for name in entity.names
    }
    for scored in near:
        short, full = scored.pair
        one, other = holder[id(full)], holder[id(short)]
        if scored.score >= LEAST_REFUSAL and one is not other:
            yield (
                one,
                _decision(one.entity, short.name.surface, False, _reason(scored), scored.score, _evidence(scored)),
            )


def _homonyms(linked: Sequence[LinkedEntity]) -> Iterator[tuple[LinkedEntity, MergeDecision]]:
    by_name: dict[tuple[str, str], list[LinkedEntity]] = defaultdict(list)
    for found in linked:
        by_name[found.groups[0].key, found.groups[0].sense].append(found)
    for same in by_name.values():
        for found in same if len(same) > 1 else ():
            evidence = f"kind: {found.groups[0].kind or 'not told'}; {len(same) - 1} others of the name"
            yield found, _decision(found.entity, found.entity.name, False, HOMONYM, 0.0, evidence)


def _nearest(kept_apart: Sequence[MergeDecision], refused: Iterable[MergeDecision]) -> list[MergeDecision]:
    """All that the user's file says, and the nearest of the others."""
    best = {decision.alias: decision for decision in kept_apart}
    for decision in sorted(refused, key=lambda d: (-d.score, d.alias, d.reason, d.evidence)):
        best.setdefault(decision.alias, decision)
    others = [decision for decision in best.values() if decision.reason != OVERRIDE]
    return [*kept_apart, *others[:MOST_REFUSALS]]


def _reason(scored: ScoredPair) -> str:
    return next((reason for feature, reason in _REASONS.items() if feature in scored.features), "spelling")


def _evidence(scored: ScoredPair) -> str:
    """The two names, the document, and what was found of them."""
    short, full = scored.pair
    told = ", ".join(
        name if value == 1 else f"{name} {value:.2f}"
        for name, value in scored.features.items()
        if name not in ("cosine_of_unlike", "part")
    )
    return f"{short.name.surface!r} and {full.name.surface!r} in {short.document_id}: {told}"
