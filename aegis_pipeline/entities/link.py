"""Phase 2: which mentions of a batch are one entity."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from aegis_pipeline.entities.canonical import canonical_name, canonical_type, surface
from aegis_pipeline.entities.keys import entity_id, with_unique_keys
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.senses import senses
from aegis_pipeline.records import Entity, EntityResult, Mention, MergeDecision

NO_SAME_NAMES: Mapping[str, str] = {}


def link_mentions(mentions: Sequence[Mention], same_names: Mapping[str, str] = NO_SAME_NAMES) -> EntityResult:
    """Entities over a whole batch: mentions with the same normalised key and sense are one.

    ``same_names`` says which names the user declared to be one (alias → name, from the glossary). The order of mentions
    does not matter. The merge log has one accepted decision for each surface that is not the canonical name.
    """
    declared = {normalise(alias): name for alias, name in same_names.items()}
    names = {normalise(name): name for name in same_names.values()}
    keys = {mention.text: _key(mention.text, declared) for mention in mentions}
    sense_of = senses(mentions, lambda mention: keys[mention.text])
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in sorted(mentions, key=lambda m: (m.document_id, m.span.start)):
        key = keys[mention.text]
        groups[key, sense_of[mention.document_id, key]].append(mention)
    entities = with_unique_keys(_entity(*place, group, names) for place, group in groups.items())
    entities.sort(key=lambda entity: entity.key)
    return EntityResult(tuple(entities), tuple(d for entity in entities for d in _decisions(entity, declared)))


def _key(text: str, declared: Mapping[str, str]) -> str:
    key = normalise(text)
    return normalise(declared[key]) if key in declared else key


def _entity(key: str, sense: str, mentions: Sequence[Mention], names: Mapping[str, str]) -> Entity:
    surfaces = [surface(mention) for mention in mentions]
    name = names.get(key) or canonical_name(surfaces)
    return Entity(
        id=entity_id(key, sense),
        key=name,
        name=name,
        type=canonical_type(mentions),
        aliases=tuple(sorted(set(surfaces) - {name})),
        mentions=tuple(mentions),
        is_node=2 * sum(mention.is_node for mention in mentions) >= len(mentions),
    )


def _decisions(entity: Entity, declared: Mapping[str, str]) -> list[MergeDecision]:
    """Why each alias is the entity: the user said so, or its normalised key is the same."""
    decisions = []
    for alias in entity.aliases:
        key = normalise(alias)
        reason = "glossary" if key in declared else "normalised_key"
        decisions.append(MergeDecision(entity.id, entity.name, alias, entity.type, True, reason, 1.0, evidence=key))
    return decisions
