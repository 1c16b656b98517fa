"""Clusters that hold together as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.entities.clusters import Link, clusters, united

Pair = tuple[int, int]


def found(count: int, *links: tuple[int, int, float], apart: tuple[Pair, ...] = ()) -> list[list[int]]:
    excluded = set(apart)
    return clusters(count, [Link(*link) for link in links], lambda a, b: (min(a, b), max(a, b)) in excluded)


@pytest.mark.parametrize(
    ("count", "links", "expected"),
    [
        (0, (), []),
        (2, (), [[0], [1]]),
        (2, ((0, 1, 0.9),), [[0, 1]]),
        (3, ((0, 1, 0.9), (1, 2, 0.8)), [[0, 1, 2]]),  # a star: one is linked to both others
        (4, ((0, 1, 0.9), (0, 2, 0.9), (0, 3, 0.9)), [[0, 1, 2, 3]]),
        (4, ((0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.7)), [[0, 1, 2], [3]]),  # a chain is cut at its weakest link
        (4, ((0, 1, 0.7), (1, 2, 0.8), (2, 3, 0.9)), [[0], [1, 2, 3]]),
        (4, ((0, 1, 0.9), (2, 3, 0.9), (1, 2, 0.8)), [[0, 1], [2, 3]]),  # two clusters and a bridge
    ],
)
def test_clusters_have_a_centre(
    count: int, links: tuple[tuple[int, int, float], ...], expected: list[list[int]]
) -> None:
    assert found(count, *links) == expected


def test_clusters_have_no_two_that_exclude_each_other() -> None:
    star = ((0, 1, 0.9), (0, 2, 0.8))
    assert found(3, *star, apart=((1, 2),)) == [[0, 1], [2]]
    assert found(3, *star, apart=((0, 1),)) == [[0, 2], [1]]


LINKS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([0.8, 0.9])).filter(lambda link: link[0] != link[1])
)


@given(LINKS, st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6))), st.randoms(use_true_random=False))
def test_clusters_hold_whatever_the_links(
    links: list[tuple[int, int, float]], apart: set[Pair], random: object
) -> None:
    parts = found(7, *links, apart=tuple(apart))
    assert sorted(member for part in parts for member in part) == list(range(7))
    linked = {frozenset(link[:2]) for link in links}
    for part in parts:
        assert any(all(frozenset((one, other)) in linked for other in part if other != one) for one in part)
        assert not any((one, other) in apart for one in part for other in part if one < other)
    random.shuffle(links)  # type: ignore[attr-defined]
    assert found(7, *links, apart=tuple(apart)) == parts


@pytest.mark.parametrize(
    ("together", "expected"),
    [
        ([], [[0, 1], [2], [3]]),
        ([[1, 2]], [[0, 1, 2], [3]]),  # whole clusters are joined, not the members alone
        ([[0, 2], [2, 3]], [[0, 1, 2, 3]]),
        ([[3]], [[0, 1], [2], [3]]),
    ],
)
def test_united(together: list[list[int]], expected: list[list[int]]) -> None:
    assert united([[0, 1], [2], [3]], together) == expected
