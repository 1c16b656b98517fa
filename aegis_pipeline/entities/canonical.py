"""What an entity is called, and what type it has, when its mentions say different things."""

from collections import Counter
from collections.abc import Sequence

from aegis_pipeline.records import Mention

# A type that says nothing: it gives way to any other.
UNKNOWN_TYPE = "other"


def surface(mention: Mention) -> str:
    """The mention's text on one line."""
    return " ".join(mention.text.split())


def canonical_name(surfaces: Sequence[str]) -> str:
    """The most frequent surface; of equally frequent ones the longest; of those the first in code-point order."""
    if len(surfaces) == 1:  # as most are
        return surfaces[0]
    count = Counter(surfaces)
    return min(count, key=lambda name: (-count[name], -len(name), name))


def canonical_type(mentions: Sequence[Mention]) -> str:
    """The type that most mentions have, the first by name where they are level. The user's glossary wins over the
    model, and a known type over an unknown one."""
    if len(mentions) == 1:  # as most are
        return mentions[0].type
    given = [mention for mention in mentions if mention.source == "glossary"] or mentions
    count = Counter(mention.type for mention in given if mention.type != UNKNOWN_TYPE)
    return min(count, key=lambda kind: (-count[kind], kind), default=UNKNOWN_TYPE)
