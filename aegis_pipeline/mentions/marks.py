"""A mark: a labelled range of one chunk's text, before it is a mention."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Mark(NamedTuple):
    """``start`` and ``end`` count from the beginning of the chunk's text; ``source`` says what found it."""

    start: int
    end: int
    label: str
    source: str


def overlaps(start: int, end: int, sorted_marks: Sequence[Mark]) -> bool:
    """Whether the range touches one of the marks, which are sorted and do not overlap each other."""
    after = bisect_right(sorted_marks, start, key=lambda mark: mark.start)
    before = after > 0 and sorted_marks[after - 1].end > start
    return before or (after < len(sorted_marks) and sorted_marks[after].start < end)


def without_overlaps(marks: Iterable[Mark]) -> list[Mark]:
    """Marks in order of place, none touching another: the one that came first wins over those after it."""
    kept: list[Mark] = []
    for mark in marks:
        if mark.end > mark.start and not overlaps(mark.start, mark.end, kept):
            kept.insert(bisect_right(kept, mark.start, key=lambda other: other.start), mark)
    return kept
