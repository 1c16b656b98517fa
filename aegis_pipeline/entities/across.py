"""Identity across the documents of a batch: which groups of equal names are one thing.

Between documents a name says less than within one, so that little is merged beyond equal names. In the even documents
of DocRED's identities nearly every pair of different names that is one thing stands in one document too, and is judged
there; of the rest, names that everyone knows and short forms that a document of the batch joins with one full name are
mostly right, an acronym or family name that none joins is mostly wrong.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aegis_pipeline.entities.homonyms import NameGroup
from aegis_pipeline.entities.local_names import NamedDocument
from aegis_pipeline.entities.names import Name, persons_clash
from aegis_pipeline.entities.senses import VALUE
from aegis_pipeline.entities.well_known import well_known
from aegis_pipeline.entities.word_lists import LEGAL_FORMS

WELL_KNOWN, ATTESTED, SPELLING, MIDDLE_NAME = "well_known", "attested_alias", "spelling", "middle_name"
# Cosine of what two sets of documents name, weighed by rarity, from which on a short name is taken for the full one.
LEAST_CONTEXT = 0.1


@dataclass(frozen=True, slots=True)
class GroupLink:
    """Two groups that may be one: why, how likely, what was compared, and whether it is taken."""

    first: NameGroup
    second: NameGroup
    reason: str
    score: float
    evidence: str
    accepted: bool


class Contexts:
    """What each document names, weighed by how few documents do."""

    def __init__(self, documents: Iterable[NamedDocument]) -> None:
        self._keys = {d.document_id: frozenset(n.key for n in d.names if n.sense != VALUE) for d in documents}
        self._documents = Counter(key for keys in self._keys.values() for key in keys)

    def likeness(self, one: NameGroup, other: NameGroup) -> float:
        """Cosine of what the documents of both name beside them, in [0, 1]."""
        first, second = self._around(one), self._around(other)
        weights = self._weight(first) * self._weight(second)
        return self._weight(first & second) / math.sqrt(weights) if weights else 0.0

    def _around(self, group: NameGroup) -> frozenset[str]:
        return frozenset().union(*(self._keys[document] for document in group.documents)) - group.keys

    def _weight(self, keys: Collection[str]) -> float:
        return sum(math.log(len(self._keys) / self._documents[key]) for key in keys)


def group_links(groups: Sequence[NameGroup], contexts: Contexts) -> list[GroupLink]:
    """What speaks for two groups being one, the refused ones too."""
    candidates = [group for group in groups if group.sense != VALUE]
    return [
        *_well_known(candidates),
        *_spellings(candidates),
        *_middle_names(candidates, contexts),
        *_attested(candidates, contexts),
    ]


def _well_known(groups: Iterable[NameGroup]) -> Iterator[GroupLink]:
    known = well_known()
    things: dict[str, list[NameGroup]] = defaultdict(list)
    for group in groups:
        if group.key in known and group.sense != "person" and not group.is_contrasted:
            things[known[group.key]].append(group)
    for thing, same in things.items():
        yield from (GroupLink(same[0], other, WELL_KNOWN, 1.0, thing, True) for other in same[1:])


def _spellings(groups: Iterable[NameGroup]) -> Iterator[GroupLink]:
    """Names of one sense that differ by accents or by the company's legal form alone."""
    spellings: dict[tuple[str, ...], list[NameGroup]] = defaultdict(list)
    for group in groups:
        words = _bare(group.entities[0].main.name)
        if words and not group.is_contrasted:
            spellings[(group.sense, *words)].append(group)
    for spelling, same in spellings.items():
        others = (other for other in same[1:] if other.key != same[0].key)  # homonyms are no spellings of each other
        yield from (GroupLink(same[0], other, SPELLING, 0.9, " ".join(spelling[1:]), True) for other in others)


def _bare(name: Name) -> tuple[str, ...]:
    return tuple(word for word in name.words if word not in LEGAL_FORMS)


def _middle_names(groups: Iterable[NameGroup], contexts: Contexts) -> Iterator[GroupLink]:
    """A person with and without a middle name, where the batch knows one with those names."""
    persons: dict[tuple[str, str], list[NameGroup]] = defaultdict(list)
    for group in groups:
        core = group.entities[0].main.name.core
        if group.sense == "person" and len(core) > 1:
            persons[core[0], core[-1]].append(group)
    for same in persons.values():
        short = [group for group in same if len(group.entities[0].main.name.core) == 2]
        full = [group for group in same if len(group.entities[0].main.name.core) > 2]
        for one in short:
            for other in full:
                yield _in_context(one, other, MIDDLE_NAME, 0.9, len(full) - 1, contexts)


def _attested(groups: Sequence[NameGroup], contexts: Contexts) -> Iterator[GroupLink]:
    """A group that is named as another group is named in a document that has its full name too."""
    holders: dict[tuple[str, str], list[NameGroup]] = defaultdict(list)
    for group in groups:
        aliases = {(name.key, name.sense) for e in group.entities for name in e.names if name.key != group.key}
        for alias in sorted(aliases):
            holders[alias].append(group)
    for group in groups:
        full = [other for other in holders.get((group.key, group.sense), ()) if other is not group]
        for other in full:
            score = max(link.score for e in other.entities for link in e.links)
            yield _in_context(group, other, ATTESTED, score, len(full) - 1, contexts)


def _in_context(
    one: NameGroup, other: NameGroup, reason: str, score: float, rivals: int, contexts: Contexts
) -> GroupLink:
    """Taken where no other group may be meant, no document has both apart, and the documents speak of like things."""
    context = contexts.likeness(one, other)
    apart = bool(one.documents & other.documents) or one.is_contrasted
    accepted = rivals == 0 and not apart and context >= LEAST_CONTEXT
    evidence = f"context {context:.2f}, {rivals} others of the name" + (", apart in a document" if apart else "")
    return GroupLink(one, other, reason, score if accepted else min(score, context), evidence, accepted)


def exclude(one: NameGroup, other: NameGroup) -> bool:
    """They cannot be one: equal names were told apart, persons whose names clash, or the user says so."""
    if one.marks.excludes(other.marks):
        return True
    if one.key == other.key and one.sense == other.sense:
        return True
    if one.kind and other.kind and one.kind != other.kind and one.keys & other.keys:
        return True
    return one.sense == other.sense == "person" and persons_clash(
        one.entities[0].main.name, other.entities[0].main.name
    )
