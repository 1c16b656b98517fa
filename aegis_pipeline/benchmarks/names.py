"""Realistic names in any number, with known identity: what phase 2's cost and quality at scale are measured on.

The patterns and words are data (``names.toml``), and so are the shares, counted in Re-DocRED. The same seed gives the
same names, on every machine.
"""

import random
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from aegis_pipeline.records import Mention, Span

# Share of family names and places that are real ones: these are shared by many, coined ones by few.
REAL_WORDS = 0.3


@dataclass(frozen=True, slots=True)
class GeneratedName:
    """A name that a thing has. The first of an entity is its full name; ``introduction`` is the sentence, with
    ``{name}`` and ``{alias}``, that a text brings another one in with, empty where it just uses it."""

    name: str
    type: str
    entity: int
    introduction: str = ""


@dataclass(frozen=True, slots=True)
class GeneratedMention:
    """A mention, and the entity that it is a mention of."""

    mention: Mention
    entity: int


def generate_names(count: int, seed: int) -> list[GeneratedName]:
    """Names of as many entities as ``count`` distinct names need, entity by entity.

    Full names are unique; other names may be shared ("Smith"), as they are in the world.
    """
    rng = random.Random(seed)  # noqa: S311 - names, not secrets
    kinds = _data()["kinds"]
    weights = [kind["weight"] for kind in kinds]
    found: list[GeneratedName] = []
    distinct: set[str] = set()
    entity = 0
    while len(distinct) < count:
        names = _names_of(rng.choices(kinds, weights)[0], entity, rng)[: count - len(distinct)]
        if names[0].name not in distinct:
            found += names
            distinct.update(name.name for name in names)
            entity += 1
    return found


def generate_mentions(names: list[GeneratedName], seed: int) -> list[GeneratedMention]:
    """Every name at least once, in documents that keep an entity's names together, full name first."""
    data, rng = _data(), random.Random(seed)  # noqa: S311 - documents, not secrets
    visits = [list(group) for _, group in groupby(names, key=lambda name: name.entity)]
    for share in data["more_documents"]:
        visits += [visit[: rng.randint(1, len(visit))] for visit in visits if rng.random() < share]
    rng.shuffle(visits)
    mentions: list[GeneratedMention] = []
    number = position = start = 0
    for visit in visits:
        for context, named in _sentences(visit, rng):
            for name in named:
                mentions.append(_mention(name, f"generated-{number:06d}", position, start, context))
            position, start = position + 1, start + len(context) + 1
        if position >= data["mentions_per_document"]:
            number, position, start = number + 1, 0, 0
    return mentions


@cache
def _data() -> dict[str, Any]:
    """Patterns, words and shares."""
    return tomllib.loads(files(__package__).joinpath("names.toml").read_text(encoding="utf-8"))


def _names_of(kind: dict[str, Any], entity: int, rng: random.Random) -> list[GeneratedName]:
    """The full name of a new thing, and the others that it has."""
    parts = _parts(rng)
    full = kind["full"].format_map(parts)
    parts["acronym"] = "".join(word[0] for word in full.split() if word[0].isupper())
    names = {full: GeneratedName(full, kind["type"], entity)}
    for _ in range((rng.random() < kind["more_names"]) * (1 + (rng.random() < _data()["third_name"]))):
        pattern = rng.choices(list(kind["also"]), list(kind["also"].values()))[0]
        changed = _changed(full, rng)
        name = changed or pattern.format_map(parts)
        introduction = "" if changed else _data()["introductions"].get(pattern, "")
        names.setdefault(name, GeneratedName(name, kind["type"], entity, introduction))
    return list(names.values())


def _parts(rng: random.Random) -> dict[str, str]:
    """A word for each place in the patterns."""
    parts = {part: rng.choice(words) for part, words in _data()["words"].items()}
    for part in ("family", "place"):
        if rng.random() >= REAL_WORDS:
            parts[part] = _coined(part, rng)
    parts |= {part: _coined("word", rng) for part in ("word", "former", "alias")}
    parts |= {"middle": rng.choice(_data()["words"]["given"]), "family2": _coined("family", rng)}
    return parts | {"g": parts["given"][0], "m": parts["middle"][0], "number": str(rng.randint(1, 99) * 10)}


def _coined(part: str, rng: random.Random) -> str:
    coined = _data()["coined"]
    syllables = rng.choices(coined["syllables"], k=rng.choice(coined["lengths"]))
    return "".join([*syllables, rng.choice(coined[part])]).capitalize()


def _changed(full: str, rng: random.Random) -> str:
    """The full name without its accents or with two letters exchanged; mostly nothing."""
    draw = rng.random() - _data()["no_accents"]
    if draw < 0:
        plain = unicodedata.normalize("NFKD", full).encode("ascii", "ignore").decode()
        return plain if plain != full else ""
    if draw < _data()["typing_error"]:
        place = rng.randrange(1, len(full) - 1)
        return full[:place] + full[place + 1] + full[place] + full[place + 2 :]
    return ""


def _sentences(visit: list[GeneratedName], rng: random.Random) -> Iterator[tuple[str, list[GeneratedName]]]:
    """Sentences that name what a document says of one entity, each with the names in it."""
    full, sentences = visit[0], _data()["sentences"][visit[0].type]
    yield rng.choice(sentences).format(name=full.name), [full]
    for alias in visit[1:]:
        if alias.introduction:
            yield alias.introduction.format(name=full.name, alias=alias.name), [full, alias]
        yield rng.choice(sentences).format(name=alias.name), [alias]


def _mention(name: GeneratedName, document: str, sentence: int, start: int, context: str) -> GeneratedMention:
    """The last place of the name in its sentence: an alias may be a part of the full name before it."""
    place = start + context.rindex(name.name)
    span = Span(place, place + len(name.name))
    label = name.type.upper()
    mention = Mention(
        document, f"{document}-0", sentence, span, name.name, label, name.type, "generated", context=context
    )
    return GeneratedMention(mention, name.entity)
