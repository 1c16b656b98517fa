"""From scored pairs to clusters that hold together as a whole."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Link(NamedTuple):
    """Two members, by index, and how likely they are one."""

    first: int
    second: int
    score: float


def clusters(count: int, links: Iterable[Link], excludes: Callable[[int, int], bool]) -> list[list[int]]:
    """The members ``0 … count - 1`` in clusters, best links first.

    A cluster is accepted as a whole: one of its members is linked to every other, and no two exclude each other. A link
    that would make any other cluster is cut, so that A and C are not one because both resemble B.
    """
    of = {member: [member] for member in range(count)}
    linked: dict[int, set[int]] = {member: {member} for member in range(count)}
    for first, second, _ in sorted(links, key=lambda link: (-link.score, link.first, link.second)):
        linked[first].add(second)
        linked[second].add(first)
        one, other = of[first], of[second]
        if one is not other and _holds(one, other, linked, excludes):
            whole = sorted(one + other)
            of.update(dict.fromkeys(whole, whole))
    return [list(members) for members in dict.fromkeys(map(tuple, of.values()))]


def _holds(
    one: Sequence[int], other: Sequence[int], linked: dict[int, set[int]], excludes: Callable[[int, int], bool]
) -> bool:
    whole = {*one, *other}
    has_centre = any(whole <= linked[member] for member in whole)
    return has_centre and not any(excludes(first, second) for first in one for second in other)


def united(parts: Sequence[Sequence[int]], together: Iterable[Sequence[int]]) -> list[list[int]]:
    """The clusters ``parts``, those that hold members of one list of ``together`` joined."""
    of = {member: list(part) for part in parts for member in part}
    for members in together:
        whole = sorted({other for member in members for other in of[member]})
        of.update(dict.fromkeys(whole, whole))
    return [list(members) for members in dict.fromkeys(tuple(part) for part in of.values())]
