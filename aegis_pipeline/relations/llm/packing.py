"""Fewer, fuller calls: sections of several documents share one."""

from collections.abc import Iterable, Sequence

from aegis_pipeline.relations.llm.sections import Section, halves

Pack = tuple[Section, ...]
"""The sections that one call asks about, of different documents or not."""


def pack(sections: Iterable[Section], most_tokens: int) -> list[Pack]:
    """The sections in their order, as many together as ``most_tokens`` allow."""
    packs: list[list[Section]] = []
    left = 0
    for section in sections:
        if not packs or section.tokens > left:
            packs.append([])
            left = most_tokens
        packs[-1].append(section)
        left -= section.tokens
    return [tuple(together) for together in packs]


def shorter(sections: Sequence[Section]) -> list[Pack]:
    """The same in two requests; what is one chunk stays as it is."""
    if len(sections) == 1:
        return [(half,) for half in halves(sections[0])]
    middle = len(sections) // 2
    return [tuple(sections[:middle]), tuple(sections[middle:])]
