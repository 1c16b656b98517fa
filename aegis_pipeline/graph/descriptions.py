"""Descriptions: which of the sentences that mention an entity, or state a relation, describe it in the graph.

The choice is by what each sentence is by itself, never by what stands beside it: so the best of two sets is found from
the best of each, and a description does not depend on the order in which documents came.
"""

from collections.abc import Callable, Iterable
from itertools import islice

SEPARATOR = "<SEP>"  # lightrag.constants.GRAPH_FIELD_SEP; held equal by a contract test
MAX_SENTENCES = 5
_LENGTHS = range(40, 321)  # characters of a sentence that says something and is still quick to read


def split(description: str | None) -> list[str]:
    """The sentences that LightRAG has joined."""
    return [part.strip() for part in (description or "").split(SEPARATOR) if part.strip()]


def rank(name: str, sentence: str) -> tuple[bool, int, str]:
    """Sorts first what reads like a definition: a sentence of good length in which the name comes early."""
    position = sentence.casefold().find(name.casefold())
    return (len(sentence) not in _LENGTHS, position if position >= 0 else len(sentence), sentence)


def choose(name: str, sentences: Iterable[str], count_tokens: Callable[[str], int], max_tokens: int) -> str:
    """Up to five sentences that fit together, best first; the best of the long ones where there are no others.

    A sentence is long above a sixth of ``max_tokens``, what the encoder reads: five take five sixths, and the last is
    for what stands beside them in the vector's text.
    """
    ranked = sorted(set(sentences), key=lambda sentence: rank(name, sentence))
    short = (sentence for sentence in ranked if count_tokens(sentence) <= max_tokens // (MAX_SENTENCES + 1))
    return SEPARATOR.join(list(islice(short, MAX_SENTENCES)) or ranked[:1])
