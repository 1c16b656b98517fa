"""What is known of two names of one document, as numbers for the classifier. The names of the features are the columns
of ``pair_model.json``."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aegis_pipeline.entities import cues
from aegis_pipeline.entities.canonical import UNKNOWN_TYPE
from aegis_pipeline.entities.local_names import LocalName
from aegis_pipeline.entities.names import (
    Name,
    given_names_clash,
    has_initials,
    is_part,
    likeness,
    may_abbreviate,
)
from aegis_pipeline.entities.well_known import well_known
from aegis_pipeline.entities.word_lists import COMPANY, KINDS, LINKING

Cosine = Callable[[str, str], float]
Pair = tuple[LocalName, LocalName]

FEATURES = (
    "initials",
    "abbreviation",
    "bracket",
    "alias_phrase",
    "list",
    "well_known",
    "part",
    "family_name",
    "given_name",
    "middle_name",
    "begins",
    "ends",
    "within",
    "kind_words_left",
    "kind_word_alone",
    "given_names_clash",
    "same_family_name",
    "same_without_company",
    "likeness",
    "cosine",
    "cosine_of_unlike",
    "same_sense",
    "same_type",
    "unknown_type",
    "rivals",
    "rival_before",
    "short_before_full",
    "digits_differ",
    "both_persons",
    "plural",
    "people_and_place",
    "same_sentence",
    "short_is_place",
    "full_is_place",
    "full_opens",
    "short_again",
)
# Spellings, or vectors, that are as near as this are candidates where nothing else speaks for them.
_PLACES = ("place", "facility", "group")
_OPENING = 200  # characters; what is named there is often what the document is about
LEAST_LIKENESS, LEAST_COSINE = 0.4, 0.6


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the features need beside the two names: which cues join them, and which names hold which words."""

    cosine: Cosine
    cues: Mapping[frozenset[int], Collection[str]] = field(default_factory=dict)
    by_word: Mapping[str, Sequence[LocalName]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, names: Iterable[LocalName], cosine: Cosine, joined: Mapping[frozenset[int], set[str]]
    ) -> "Surroundings":
        """Of the names of one document."""
        by_word: dict[str, list[LocalName]] = defaultdict(list)
        for name in names:
            for word in dict.fromkeys(name.name.core):
                by_word[word].append(name)
        return cls(cosine, joined, by_word)

    def told(self, pair: Pair) -> Collection[str]:
        """The cues that join two names."""
        return self.cues.get(frozenset(map(id, pair)), ())

    def rivals(self, short: LocalName, full: LocalName) -> list[LocalName]:
        """Other names that ``short`` may be a part of, none of which is a longer or shorter form of ``full``."""
        holders = min((self.by_word.get(word, ()) for word in short.name.core), key=len, default=())
        return [
            other
            for other in holders
            if other is not full
            and is_part(short.name, other.name)
            and not is_part(other.name, full.name)
            and not is_part(full.name, other.name)
        ]


def ordered(one: LocalName, other: LocalName) -> Pair:
    """The shorter name first."""
    pair = sorted((one, other), key=lambda name: (len(name.name.words), len(name.key), name.order))
    return pair[0], pair[1]


def describe(pair: Pair, around: Surroundings) -> dict[str, float]:
    """The features that are not zero; ``pair`` is ``ordered``."""
    short, full = pair
    found = {**_spelling(short.name, full.name), **_parts(pair, around), **_types(short, full)}
    told = around.told(pair)
    found["bracket"] = cues.BRACKET in told
    found["alias_phrase"] = cues.ALIAS in told
    found["list"] = cues.LIST in told and not found["bracket"] and not found["alias_phrase"]
    found["cosine"] = around.cosine(short.key, full.key)
    found["cosine_of_unlike"] = 0 if found.get("part") else max(0.0, found["cosine"] - 0.5)
    found["same_sentence"] = bool({m.sentence for m in short.mentions} & {m.sentence for m in full.mentions})
    return {name: float(value) for name, value in found.items() if value}


def is_candidate(found: Mapping[str, float]) -> bool:
    """Anything at all speaks for the two names being one."""
    strong = ("initials", "abbreviation", "bracket", "alias_phrase", "well_known", "part", "same_family_name")
    return (
        any(name in found for name in (*strong, "same_without_company"))
        or found.get("likeness", 0) >= LEAST_LIKENESS
        or found.get("cosine", 0) >= LEAST_COSINE
    )


def _spelling(short: Name, full: Name) -> dict[str, float]:
    known = well_known()
    initials = has_initials(short, full) or has_initials(full, short)
    return {
        "initials": initials,
        "abbreviation": not initials and (may_abbreviate(short, full) or may_abbreviate(full, short)),
        "well_known": short.key in known and known[short.key] == known.get(full.key),
        "likeness": 0 if is_part(short, full) else likeness(short.key, full.key),
        "digits_differ": short.digits != full.digits,
        "same_without_company": () != _without_company(short) == _without_company(full),
        "plural": short.key + "s" == full.key,
    }


def _without_company(name: Name) -> tuple[str, ...]:
    return tuple(word for word in name.core if word not in COMPANY and word not in LINKING)


def _parts(pair: Pair, around: Surroundings) -> dict[str, float]:
    short, full = pair
    one, other = short.name.core, full.name.core
    if not is_part(short.name, full.name):
        shared = full.is_person and len(one) > 1 and one[-1] == other[-1]
        clash = shared and given_names_clash(short.name, full.name)
        return {"given_names_clash": clash, "same_family_name": shared and not clash}
    begins, ends = other[: len(one)] == one, other[-len(one) :] == one
    rivals = around.rivals(short, full)
    place = ("family_name", "given_name", "middle_name") if full.is_person else ("ends", "begins", "within")
    left = set(other) - set(one)
    return {
        "part": 1,
        place[0]: ends,
        place[1]: begins and not ends,
        place[2]: not begins and not ends,
        "kind_words_left": not full.is_person and left <= KINDS | COMPANY | LINKING,
        "kind_word_alone": all(word in KINDS for word in one),
        "rivals": min(len(rivals), 3),
        "rival_before": any(rival.first < full.first for rival in rivals),
        "short_before_full": short.first < full.first,
    }


def _types(short: LocalName, full: LocalName) -> dict[str, float]:
    types = {short.type, full.type}
    return {
        "same_sense": short.sense == full.sense,
        "same_type": len(types) == 1,
        "unknown_type": UNKNOWN_TYPE in types,
        "both_persons": short.is_person and full.is_person,
        "short_is_place": short.type in _PLACES,
        "full_is_place": full.type in _PLACES,
        "full_opens": full.first < _OPENING,
        "short_again": len(short.mentions) > 1,
        "people_and_place": "group" in types and len(types) == 2 and short.key[:4] == full.key[:4],
    }
