"""How many statements an answer may list of each section, so that it ends before it is cut off.

A small model may write the same statement until its list is full; an answer that is cut off is of no use.
"""

from collections.abc import Mapping

from aegis_pipeline.relations.llm.sections import Section

STATEMENTS_PER_ENTITY = 4
"""What a list may have: of Re-DocRED's dev documents 0-349 one in a hundred states more than 4.0 for each entity."""
_USUAL_TOKENS_PER_ENTITY = 47
"""There a document states 1.7 for each, and a statement has 27 tokens of Gemma 3 (docs/results/llm.json)."""
_MOST_TOKENS_PER_STATEMENT = 48
"""Gemma 3 took 45 for one on three lines, whose quote was full of digits and as long as may be."""


def list_lengths(sections: Mapping[str, Section], answer_tokens: int, *, is_tight: bool) -> dict[str, int]:
    """The most statements of each section, at least 1, in an answer of ``answer_tokens``.

    Mostly that is more than any document states. Where even a usual answer would not fit, or ``is_tight``, sections
    share what does, by their entities.
    """
    entities = sum(len(section.entities) for section in sections.values())
    if not is_tight and _USUAL_TOKENS_PER_ENTITY * entities <= answer_tokens:
        answer_tokens = STATEMENTS_PER_ENTITY * entities * _MOST_TOKENS_PER_STATEMENT
    share = answer_tokens / _MOST_TOKENS_PER_STATEMENT / entities
    return {
        key: max(1, int(min(share, STATEMENTS_PER_ENTITY) * len(section.entities))) for key, section in sections.items()
    }
