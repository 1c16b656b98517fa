"""Phase 2: which mentions of a batch are one entity.

Names are first joined within each document, by a classifier; then over the batch, by equal main names and little else;
then the user's overrides have the last word. Every step depends on the batch's mentions alone, not on their order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from aegis_pipeline.entities.across import Contexts, GroupLink, exclude, group_links
from aegis_pipeline.entities.canonical import canonical_name, canonical_type, surface
from aegis_pipeline.entities.classifier import pair_model
from aegis_pipeline.entities.clusters import Link, clusters, united
from aegis_pipeline.entities.decisions import LinkedEntity, merge_log
from aegis_pipeline.entities.homonyms import NameGroup, name_groups
from aegis_pipeline.entities.keys import entity_id, with_unique_keys
from aegis_pipeline.entities.local_entities import LocalEntity, fullness, local_entities
from aegis_pipeline.entities.local_names import LocalName, NamedDocument, named_documents
from aegis_pipeline.entities.name_vectors import EncodeNames, NameVectors
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.overrides import NO_OVERRIDES, Marks, MergeOverrides, marks
from aegis_pipeline.entities.senses import VALUE
from aegis_pipeline.entities.within import ScoredPair, described_pairs, link_within
from aegis_pipeline.records import Entity, EntityResult, Mention

NOTHING: Mapping[str, str] = {}
MarksOf = Callable[[LocalName], Marks]


def link_mentions(
    mentions: Sequence[Mention],
    encode_names: EncodeNames,
    same_names: Mapping[str, str] = NOTHING,
    overrides: MergeOverrides = NO_OVERRIDES,
    paths: Mapping[str, str] = NOTHING,
) -> EntityResult:
    """Entities over a whole batch, and the log of what was merged and what nearly was.

    Args:
        mentions: of every document of the batch, in any order.
        encode_names: distinct names to unit vectors, one row each; called once.
        same_names: alias → name, as the user's glossary declares.
        overrides: names that are always, or never, one thing.
        paths: document id → path, for the patterns in ``overrides``.
    """
    declared = {normalise(alias): name for alias, name in same_names.items()}
    key_of = {text: _key(text, declared) for text in {mention.text for mention in mentions}}
    documents = named_documents(mentions, key_of)
    scored = _scored(documents, encode_names)

    def marks_of(name: LocalName) -> Marks:
        return marks(name, paths.get(name.document_id, name.document_id), overrides)

    entities = [e for d in documents for e in _within(d, scored[d.document_id], marks_of)]
    groups = name_groups(entities)
    links = group_links(groups, Contexts(documents))
    chosen = {normalise(name): name for name in same_names.values()}
    linked = _with_keys([_linked(*place, chosen) for place in _clusters(groups, links, overrides)])
    log = merge_log(linked, groups, links, chain.from_iterable(scored.values()), declared)
    return EntityResult(tuple(found.entity for found in linked), log)


def _key(text: str, declared: Mapping[str, str]) -> str:
    key = normalise(text)
    return normalise(declared[key]) if key in declared else key


def _scored(documents: Sequence[NamedDocument], encode_names: EncodeNames) -> dict[str, list[ScoredPair]]:
    """Document id → its candidate pairs with their probabilities, all found in one pass of encoder and classifier."""
    vectors = NameVectors.of((n.key for d in documents for n in d.names if n.sense != VALUE), encode_names)
    described = [(d, *found) for d in documents for found in described_pairs(d, vectors.near, vectors.cosine)]
    scores = pair_model().probabilities([features for _, _, features in described])
    scored: dict[str, list[ScoredPair]] = {document.document_id: [] for document in documents}
    for (document, pair, features), score in zip(described, scores.tolist(), strict=True):
        scored[document.document_id].append(ScoredPair(pair, features, score))
    return scored


def _within(document: NamedDocument, scored: Sequence[ScoredPair], marks_of: MarksOf) -> list[LocalEntity]:
    threshold = pair_model().threshold
    return local_entities(link_within(document.names, scored, threshold, marks_of), scored, threshold, marks_of)


def _clusters(
    groups: Sequence[NameGroup], links: Sequence[GroupLink], overrides: MergeOverrides
) -> list[tuple[list[NameGroup], bool]]:
    """The groups that are one entity, and whether the user's file joined them."""

    def excludes(first: int, second: int) -> bool:
        return exclude(groups[first], groups[second])

    taken = [Link(link.first, link.second, link.score) for link in links if link.accepted]
    found = clusters(len(groups), taken, excludes)
    rules = [[at for at, g in enumerate(groups) if rule in g.marks.together] for rule in range(len(overrides.together))]
    whole = united(found, [rule for rule in rules if rule])
    return [([groups[at] for at in members], members not in found) for members in whole]


def _linked(groups: Sequence[NameGroup], by_override: bool, chosen: Mapping[str, str]) -> LinkedEntity:
    """One entity; ``chosen`` are the names that the glossary gives to keys."""
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
    return LinkedEntity(entity, ordered, by_override)


def _with_keys(linked: Sequence[LinkedEntity]) -> list[LinkedEntity]:
    """The entities with their keys, in the order of these."""
    keyed = with_unique_keys(found.entity for found in linked)
    found = [replace(one, entity=entity) for one, entity in zip(linked, keyed, strict=True)]
    return sorted(found, key=lambda one: one.entity.key)
