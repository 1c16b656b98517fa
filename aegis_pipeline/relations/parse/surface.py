"""Frames that punctuation makes and parsers get wrong: "Paris, France", "Ada Lovelace (10 December 1815 – 1852)"."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aegis_pipeline.records import Mention
from aegis_pipeline.relations.parse.frames import Argument, Frame

COMMA, PARENTHESIS = ",", "("
"""The triggers: a name right after another's comma, and what stands in the parenthesis after a name."""

LONGEST_CHAIN = 4
"""Village, county, state, country: a longer run of names is a list."""

LONGEST_PARENTHESIS = 200
"""Characters in which a parenthesis must close."""

_LIST_END = re.compile(r",?\s+(?:and|or)\b")
_DASH = re.compile(r"\s*[–—-]\s*$|\b(?:to|until|died|d\.)\s*$")
_BIRTH = re.compile(r"\b(?:born|b\.)\s*(?:on\s*)?$")


def surface_frames(text: str, mentions: Sequence[Mention]) -> Iterator[Frame]:
    """Frames of one sentence's mentions, which are in the order of the text.

    Roles are ``self`` and ``next`` at a comma, ``self`` and ``first``, ``last``, ``born`` or ``inside`` at a
    parenthesis.
    """
    for chain in _comma_chains(text, mentions):
        if len(chain) <= LONGEST_CHAIN and not _LIST_END.match(text, chain[-1].span.end):
            yield from (_frame(COMMA, one, "next", other) for one, other in pairwise(chain))
    for i, mention in enumerate(mentions):
        yield from _parenthesis(text, mention, mentions[i + 1 :])


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
    opening = re.compile(r"\s*\(").match(text, name.span.end)
    if not opening:
        return
    closing = text.find(")", opening.end(), opening.end() + LONGEST_PARENTHESIS)
    for mention in following:
        if mention.span.start < opening.end() or mention.span.end > closing:
            break
        role = _role(text[opening.end() : mention.span.start], text[mention.span.end : closing])
        yield _frame(PARENTHESIS, name, role, mention)


def _role(before: str, after: str) -> str:
    """What a name in a parenthesis is, by the text on both sides of it."""
    if _BIRTH.search(before):
        return "born"
    if _DASH.search(before):
        return "last"
    return "first" if re.match(r"\s*[–—-]", after) else "inside"


def _frame(trigger: str, name: Mention, role: str, other: Mention) -> Frame:
    return Frame(trigger, (Argument("self", name), Argument(role, other)))
