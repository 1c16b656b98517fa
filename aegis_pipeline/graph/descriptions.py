"""Descriptions: which of the sentences that mention an entity, or state a relation, describe it in the graph.

The choice is by a rank that each sentence has by itself, and takes the best until the encoder's limit: so the best of
two sets is found from the best of each, and a description does not depend on the order in which documents came.
"""

from collections.abc import Callable, Iterable, Sequence

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


def choose(name: str, sentences: Iterable[str], count_tokens: Callable[[Sequence[str]], list[int]], budget: int) -> str:
    """Up to five sentences, best first, within ``budget`` encoder tokens; always at least one."""
    ranked = sorted(set(sentences), key=lambda sentence: rank(name, sentence))[:MAX_SENTENCES]
    chosen: list[str] = []
    for sentence, tokens in zip(ranked, count_tokens(ranked) if len(ranked) > 1 else [0], strict=False):
        if chosen and tokens > budget:
            break
        chosen.append(sentence)
        budget -= tokens
    return SEPARATOR.join(chosen)
