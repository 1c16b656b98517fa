"""Phase 2: which mentions of a batch are one entity.

Names are first joined within each document, by a classifier; then over the batch, by equal main names and little else;
then the user's overrides have the last word. Every step depends on the batch's mentions alone, not on their order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from aegis_pipeline.entities.across import Contexts, GroupLink, exclude, group_links
from aegis_pipeline.entities.canonical import canonical_name, canonical_type, surface
from aegis_pipeline.entities.clusters import Link, clusters, united
from aegis_pipeline.entities.decisions import LinkedEntity, merge_log
from aegis_pipeline.entities.homonyms import NameGroup, name_groups
from aegis_pipeline.entities.keys import entity_id, with_unique_keys
from aegis_pipeline.entities.linked_documents import LinkMemory, linked_documents
from aegis_pipeline.entities.local_entities import fullness
from aegis_pipeline.entities.name_keys import declared_names, name_key
from aegis_pipeline.entities.name_vectors import EncodeNames
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.overrides import NO_OVERRIDES, Marks, MergeOverrides, OverrideIndex, check_apart, unmatched
from aegis_pipeline.records import Entity, EntityResult, Mention

NOTHING: Mapping[str, str] = {}


def link_mentions(
    mentions: Sequence[Mention],
    encode_names: EncodeNames,
    same_names: Mapping[str, str] = NOTHING,
    overrides: MergeOverrides = NO_OVERRIDES,
    paths: Mapping[str, str] = NOTHING,
    memory: LinkMemory | None = None,
) -> EntityResult:
    """Entities over a whole batch, and the log of what was merged and what nearly was.

    Args:
        mentions: of every document of the batch, in any order.
        encode_names: distinct names to unit vectors, one row each; called once.
        same_names: alias → name, as the user's glossary declares.
        overrides: names that are always, or never, one thing.
        paths: document id → path, for the patterns in ``overrides``.
        memory: of what documents came to in runs before, by the same ``encode_names``.

    Raises:
        InputError: what ``overrides`` join by names of this batch are things that they keep apart.
    """
    declared = declared_names(same_names)
    key_of = {text: name_key(text, declared) for text in {mention.text for mention in mentions}}
    rules = OverrideIndex.of(overrides, lambda name: name_key(name, declared))

    def marks_of(key: str, document_id: str) -> Marks:
        return rules.marks(key, paths.get(document_id, document_id))

    documents = linked_documents(mentions, key_of, encode_names, marks_of, memory or LinkMemory())
    groups = name_groups(entity for document in documents for entity in document.entities)
    links = group_links(groups, Contexts(document.named for document in documents))
    chosen = {normalise(name): name for name in same_names.values()}
    parted = _entities(groups, _clusters(groups, links), overrides)
    linked = _with_keys([_linked(parts, chosen) for parts in parted])
    log = merge_log(linked, links, chain.from_iterable(d.scored for d in documents), declared)
    named = ((n.key, paths.get(n.document_id, n.document_id)) for d in documents for n in d.named.names)
    unused = unmatched(overrides, lambda name: name_key(name, declared), named)
    return EntityResult(tuple(found.entity for found in linked), log, unused)


def _clusters(groups: Sequence[NameGroup], links: Sequence[GroupLink]) -> list[list[int]]:
    """The groups, by index, that are one thing over the batch."""

    def excludes(first: int, second: int) -> bool:
        return exclude(groups[first], groups[second])

    at = {id(group): index for index, group in enumerate(groups)}
    taken = [Link(at[id(link.first)], at[id(link.second)], link.score) for link in links if link.accepted]
    return clusters(len(groups), taken, excludes)


def _entities(
    groups: Sequence[NameGroup], found: Sequence[Sequence[int]], overrides: MergeOverrides
) -> list[list[list[NameGroup]]]:
    """The groups that are one entity, each in one or more parts of ``found``: the user's file joined these."""
    joined: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        for rule in group.marks.together:
            joined[rule].append(at)
    part_of = {at: tuple(part) for part in found for at in part}
    whole = [dict.fromkeys(part_of[at] for at in members) for members in united(found, joined.values())]
    entities = [[[groups[at] for at in part] for part in parts] for parts in whole]
    for parts in entities:
        check_apart(overrides, [group.marks for part in parts for group in part])
    return entities


def _linked(parts: Sequence[Sequence[NameGroup]], chosen: Mapping[str, str]) -> LinkedEntity:
    """One entity; ``chosen`` are the names that the glossary gives to keys."""
    groups = [group for part in parts for group in part]
    ordered = tuple(sorted(groups, key=lambda group: (fullness(group.entities[0].main), group.bearer)))
    main = ordered[0]
    names = [name for group in ordered for local in group.entities for name in local.names]
    mentions = sorted((m for name in names for m in name.mentions), key=lambda m: (m.document_id, m.span.start))
    spelled = [surface(m) for name in names if name.key == main.key for m in name.mentions]
    called = chosen.get(main.key) or canonical_name(spelled)
    entity = Entity(
        id=entity_id(main.key, f"{main.sense} {main.bearer}" if main.bearer else main.sense),
        key=called,
        name=called,
        type=canonical_type(mentions),
        aliases=tuple(sorted({surface(mention) for mention in mentions} - {called})),
        mentions=tuple(mentions),
        is_node=2 * sum(mention.is_node for mention in mentions) >= len(mentions),
    )
    own = next(ids for part in parts if id(main) in (ids := set(map(id, part))))
    return LinkedEntity(entity, ordered, tuple(group for group in ordered if id(group) not in own))


def _with_keys(linked: Sequence[LinkedEntity]) -> list[LinkedEntity]:
    """The entities with their keys, in the order of these."""
    keyed = zip(linked, with_unique_keys(found.entity for found in linked), strict=True)
    found = [one if one.entity is entity else replace(one, entity=entity) for one, entity in keyed]
    return sorted(found, key=lambda one: one.entity.key)
