"""Frames that punctuation makes and parsers get wrong: "Paris, France", "Ada Lovelace (10 December 1815 – 1852)"."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aegis_pipeline.records import Mention
from aegis_pipeline.relations.parse.frames import Argument, Frame

COMMA, PARENTHESIS = ",", "("
"""The triggers: a name right after another's comma, and what stands in the parenthesis after a name."""

ELLIPSIS = "…"
"""Begins the trigger made of the words between two names, articles left out."""

SOLE_COUNTRY = "{country}"
"""The trigger of a frame that holds a name and the only country that its sentence names."""

LONGEST_BETWEEN = 30
"""Characters between two names that are read as a trigger."""

LONGEST_CHAIN = 4
"""Village, county, state, country: a longer run of names is a list."""

LONGEST_PARENTHESIS = 200
"""Characters in which a parenthesis must close."""

_LIST_END = re.compile(r",?\s+(?:and|or)\b")
_OPENING = re.compile(r"(?:,[^(),.]{1,25})?,?(?:\s*\([\s;,:]*\))?\s*\(")
_LISTED = re.compile(r",?\s+(?:(?:and|or)\s+)?(?:the\s+)?")
_ARTICLES = {"the", "a", "an"}
_WORDS = re.compile(r"""["”]?(?:'s|’s)?[\w\s.-]+["“]?""")
_DASH = re.compile(r"\s*[–—-]\s*$|\b(?:to|until|died|d\.)\s*$")
_IN = re.compile(r"\b(?:in|at)\s+(?:the\s+)?$")
_ANY_DASH = re.compile(r"[–—-]")
_BIRTH = re.compile(r"\b(?:born|b\.)\s*(?:on\s*)?$")


def surface_frames(text: str, mentions: Sequence[Mention], countries: frozenset[str]) -> Iterator[Frame]:
    """Frames of one sentence's mentions, which are in the order of the text; ``countries``: names in lower case.

    Roles are ``self`` and ``next`` at a comma and between names, ``self`` and ``first``, ``last``, ``born``,
    ``inside`` or one of these with ``_in`` at a parenthesis, ``self`` and ``country_after`` or ``country_before`` in a
    sentence with one country.
    """
    yield from _between(text, mentions)
    yield from _sole_country(mentions, countries)
    for chain in _comma_chains(text, mentions):
        if len(chain) <= LONGEST_CHAIN and not _LIST_END.match(text, chain[-1].span.end):
            yield from (_frame(COMMA, one, "next", other) for one, other in pairwise(chain))
    for i, mention in enumerate(mentions):
        yield from _parenthesis(text, mention, mentions[i + 1 :])


def _between(text: str, mentions: Sequence[Mention]) -> Iterator[Frame]:
    """A frame for each two neighbours with a few words between them: "Kew Gardens in London" gives "… in".

    In a list ("starring Ada, Bob and Cleo") each name has a frame with the one before the words.
    """
    for i, one in enumerate(mentions[:-1]):
        between = text[one.span.end : mentions[i + 1].span.start]
        if len(between) <= LONGEST_BETWEEN and _WORDS.fullmatch(between):
            words = (word for word in between.lower().strip('"“”').split() if word not in _ARTICLES)
            trigger = " ".join([ELLIPSIS, *words])
            yield from (_frame(trigger, one, "next", other) for other in _list(text, mentions[i + 1 :]))


def _list(text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The first of some mentions, and those of its type that are listed with it."""
    yield mentions[0]
    for one, other in pairwise(mentions):
        if other.label != one.label or not _LISTED.fullmatch(text[one.span.end : other.span.start]):
            return
        yield other


def _sole_country(mentions: Sequence[Mention], countries: frozenset[str]) -> Iterator[Frame]:
    """One frame for each other name in a sentence that names one country only, which it is then likely to be in."""
    named = [mention for mention in mentions if mention.label == "NORP" or plain_name(mention) in countries]
    if len({plain_name(mention) for mention in named}) != 1 or named[0].label == "NORP":
        return
    for mention in mentions:
        if mention not in named:
            role = "country_after" if mention.span.start < named[0].span.start else "country_before"
            yield _frame(SOLE_COUNTRY, mention, role, named[0])


def _comma_chains(text: str, mentions: Sequence[Mention]) -> Iterator[list[Mention]]:
    """The longest runs of mentions with nothing but a comma between them."""
    chain: list[Mention] = []
    for mention in mentions:
        if chain and text[chain[-1].span.end : mention.span.start].strip() != COMMA:
            yield chain
            chain = []
        chain.append(mention)
    if chain:
        yield chain


def _parenthesis(text: str, name: Mention, following: Sequence[Mention]) -> Iterator[Frame]:
    """One frame for each name within the parenthesis that opens right after a name."""
    opening = _OPENING.match(text, name.span.end)
    if not opening:
        return
    closing = text.find(")", opening.end(), opening.end() + LONGEST_PARENTHESIS)
    for mention in following:
        if mention.span.start < opening.end() or mention.span.end > closing:
            break
        role = _role(text[opening.end() : mention.span.start], text[mention.span.end : closing])
        yield _frame(PARENTHESIS, name, role, mention)


def _role(before: str, after: str) -> str:
    """What a name in a parenthesis is, by the text on both sides of it; ``_in`` is added to that of a place."""
    place = "_in" if _IN.search(before) else ""
    if _BIRTH.search(before) or (place and "born" in before):
        return "born" + place
    if _DASH.search(before) or (place and _ANY_DASH.search(before)):
        return "last" + place
    if re.match(r"\s*[–—-]", after) or (_ANY_DASH.search(after) and not before):
        return "first" + place
    return "first_in" if place else "inside"


def plain_name(mention: Mention) -> str:
    """A name in lower case without its article, as ``places.toml`` lists names."""
    return mention.text.lower().removeprefix("the ")


def _frame(trigger: str, name: Mention, role: str, other: Mention) -> Frame:
    return Frame(trigger, (Argument("self", name), Argument(role, other)))
