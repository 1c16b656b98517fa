"""Phase 2 without its models: each name an entity of its own, for a batch on which the linking fails altogether."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from aegis_pipeline.entities.canonical import canonical_name, surface
from aegis_pipeline.entities.keys import entity_id, with_unique_keys
from aegis_pipeline.entities.name_keys import declared_names, name_key
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.records import Entity, EntityResult, Mention, Outcome, PhaseOutcome


def entities_by_name(mentions: Sequence[Mention], same_names: Mapping[str, str], reason: str) -> EntityResult:
    """Mentions of one type whose normalised names are equal are one entity; the outcome of every document is DEGRADED.

    ``same_names`` maps an alias to its name, as the user's glossary says. Nothing else is merged, and the user's
    overrides are not asked.
    """
    declared = declared_names(same_names)
    named: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in sorted(mentions, key=lambda m: (m.document_id, m.span.start)):
        named[name_key(mention.text, declared), mention.type].append(mention)
    chosen = {normalise(name): name for name in same_names.values()}
    entities = with_unique_keys(_entity(*name, named[name], chosen) for name in sorted(named))
    detail = f"names were not linked, because phase 2 failed: {reason}"
    documents = sorted({mention.document_id for mention in mentions})
    outcomes = tuple(PhaseOutcome(document, Outcome.DEGRADED, detail) for document in documents)
    return EntityResult(tuple(sorted(entities, key=lambda entity: entity.key)), (), outcomes=outcomes)


def _entity(key: str, kind: str, mentions: Sequence[Mention], chosen: Mapping[str, str]) -> Entity:
    surfaces = [surface(mention) for mention in mentions]
    name = chosen.get(key) or canonical_name(surfaces)
    return Entity(
        id=entity_id(key, kind),
        key=name,
        name=name,
        type=kind,
        aliases=tuple(sorted(set(surfaces) - {name})),
        mentions=tuple(mentions),
        is_node=any(mention.is_node for mention in mentions),
    )
