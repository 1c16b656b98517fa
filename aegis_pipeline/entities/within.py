"""Identity within one document: which of its names are one thing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from aegis_pipeline.entities.clusters import Link, clusters
from aegis_pipeline.entities.cues import pair_cues
from aegis_pipeline.entities.features import Pair, Surroundings, describe, is_candidate, ordered
from aegis_pipeline.entities.local_names import LocalName, NamedDocument
from aegis_pipeline.entities.name_vectors import NameVectors
from aegis_pipeline.entities.names import initials, persons_clash, share_initials
from aegis_pipeline.entities.overrides import Marks
from aegis_pipeline.entities.senses import VALUE
from aegis_pipeline.entities.sentences import Placed
from aegis_pipeline.entities.well_known import well_known

# A word that more names of a document share proposes no pairs: they would be many, and the word tells nothing.
_MOST_SHARING = 64
Neighbours = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two names, the shorter first, what is known of them, and how likely they are one."""

    pair: Pair
    features: Mapping[str, float]
    score: float


def described_pairs(document: NamedDocument, vectors: NameVectors) -> list[tuple[Pair, dict[str, float]]]:
    """The candidates of one document with their features."""
    around = Surroundings.of(document.names, vectors.cosine, _joined(document.names, document.sentences))
    neighbours = vectors.near(name.key for name in document.names)
    found = []
    for pair in _proposed(document.names, around, neighbours):
        features = describe(pair, around)
        if is_candidate(features):
            found.append((pair, features))
    return found


def _joined(names: Sequence[LocalName], sentences: Iterable[Sequence[Placed]]) -> dict[frozenset[int], set[str]]:
    owner = {mention.id: name for name in names for mention in name.mentions}
    joined: dict[frozenset[int], set[str]] = defaultdict(set)
    for sentence in sentences:
        for one, other, cue in pair_cues(sentence):
            joined[frozenset((id(owner[one.mention.id]), id(owner[other.mention.id])))].add(cue)
    return joined


def _proposed(names: Sequence[LocalName], around: Surroundings, neighbours: Neighbours) -> Iterator[Pair]:
    """Pairs that share a word, an acronym's letters, a thing that is well known, a cue, or nearly a vector. Names of
    values never pair: a year is not the day in it."""
    seen: set[frozenset[int]] = set()
    for one, other in chain(_sharing(names, around, neighbours), _cued(names, around)):
        both = frozenset((id(one), id(other)))
        if both not in seen and VALUE not in (one.sense, other.sense) and one.key != other.key:
            seen.add(both)
            yield ordered(one, other)


def _cued(names: Sequence[LocalName], around: Surroundings) -> Iterator[Pair]:
    by_id = {id(name): name for name in names}
    pairs = (sorted((by_id[i] for i in both), key=lambda name: name.order) for both in around.cues if len(both) == 2)
    yield from ((one, other) for one, other in sorted(pairs, key=lambda pair: [name.order for name in pair]))


def _sharing(names: Sequence[LocalName], around: Surroundings, neighbours: Neighbours) -> Iterator[Pair]:
    groups: dict[tuple[str, str], list[LocalName]] = defaultdict(list)
    known = well_known()
    by_key: dict[str, list[LocalName]] = defaultdict(list)
    for name in names:
        by_key[name.key].append(name)
        if name.key in known:
            groups["known", known[name.key]].append(name)
        spelled = initials(name.name) if len(name.name.words) > 1 else {name.name.acronym}
        for letter in sorted({letters[0] for letters in spelled if letters}):
            groups["first letter", letter].append(name)
    for word, sharing in around.by_word.items():
        groups["word", word] = list(sharing)
    for group in groups.values():
        if len(group) <= _MOST_SHARING:
            yield from combinations(group, 2)
    for name in names:
        for near in neighbours.get(name.key, ()):
            yield from ((name, other) for other in by_key.get(near, ()))


def link_within(
    names: Sequence[LocalName],
    scored: Sequence[ScoredPair],
    threshold: float,
    marks_of: Callable[[LocalName], Marks] = lambda _: Marks(),
) -> list[list[LocalName]]:
    """The names of one document in clusters, each one thing; ``marks_of`` is what the user's file says of a name."""
    index = {id(name): at for at, name in enumerate(names)}
    links = [
        Link(index[id(found.pair[0])], index[id(found.pair[1])], found.score)
        for found in scored
        if found.score >= threshold
    ]

    def excludes(first: int, second: int) -> bool:
        one, other = names[first], names[second]
        return exclude(one, other) or marks_of(one).excludes(marks_of(other))

    return [[names[at] for at in members] for members in clusters(len(names), links, excludes)]


def exclude(one: LocalName, other: LocalName) -> bool:
    """They cannot be one: bearers of one name, persons whose names clash, or two names that one acronym spells."""
    if one.key == other.key or share_initials(one.name, other.name):
        return True
    return one.is_person and other.is_person and persons_clash(one.name, other.name)
