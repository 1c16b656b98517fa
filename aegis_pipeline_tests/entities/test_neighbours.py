import numpy as np
import pytest
from numpy.typing import NDArray

from aegis_pipeline.entities.neighbours import EXACT, NearPairs, nearest_names

Vectors = NDArray[np.float32]


def unit(vectors: NDArray[np.float64]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def clusters(count: int, size: int, spread: float, dimension: int = 384) -> Vectors:
    """Rows in runs of ``size`` near ones, as sorted names are."""
    rng = np.random.default_rng(7)
    centres = np.repeat(rng.normal(size=(count, dimension)), size, axis=0)
    return unit(centres + spread * rng.normal(size=centres.shape))


def exact(vectors: Vectors, k: int, least_cosine: float) -> set[tuple[int, int]]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    pairs = ((i, int(j)) for i, row in enumerate(best) for j in row if cosines[i, j] >= least_cosine)
    return {(min(pair), max(pair)) for pair in pairs}


def as_set(found: NearPairs) -> set[tuple[int, int]]:
    return {(int(i), int(j)) for i, j in found.rows}


def test_neighbours_of_few_rows_are_exact() -> None:
    vectors = clusters(count=100, size=8, spread=0.3)
    assert len(vectors) < EXACT
    assert as_set(nearest_names(vectors, 10, 0.5)) == exact(vectors, 10, 0.5)


@pytest.mark.parametrize("spread", [0.01, 0.3, 0.8])
def test_neighbours_finds_nearly_all_that_exact_search_finds(spread: float) -> None:
    vectors = clusters(count=200, size=8, spread=spread)
    assert len(vectors) > EXACT
    wanted = exact(vectors, 10, 0.5)
    found = as_set(nearest_names(vectors, 10, 0.5))
    assert len(wanted) > 2000
    assert len(found & wanted) >= 0.99 * len(wanted)
    assert len(found) <= 1.01 * len(wanted)


def test_neighbours_reaches_every_row_of_runs_of_near_ones() -> None:
    vectors = clusters(count=150, size=30, spread=0.01)
    reached = np.unique(nearest_names(vectors, 10, 0.9).rows)
    assert len(reached) == len(vectors)


def test_neighbours_of_equal_vectors() -> None:
    vectors = np.repeat(clusters(1, 1, 0.0), 500, axis=0)
    found = nearest_names(vectors, 3, 0.99)
    assert len(np.unique(found.rows)) == 500
    assert found.cosines == pytest.approx(1.0)


def test_neighbours_gives_each_pair_once_in_order_with_its_cosine() -> None:
    vectors = clusters(40, 6, 0.5)
    rows, cosines = nearest_names(vectors, 5, 0.4)
    assert (rows[:, 0] < rows[:, 1]).all()
    assert [tuple(pair) for pair in rows.tolist()] == sorted(as_set(NearPairs(rows, cosines)))
    assert cosines == pytest.approx((vectors[rows[:, 0]] * vectors[rows[:, 1]]).sum(axis=1), abs=1e-5)
    assert cosines.min() >= 0.4


def test_neighbours_looks_at_k_of_each_row() -> None:
    vectors = clusters(1, 50, 0.5)
    assert len(nearest_names(vectors, 49, -1.0).rows) == 50 * 49 // 2
    assert len(nearest_names(vectors, 1, -1.0).rows) <= 50
    assert as_set(nearest_names(vectors, 1, -1.0)) == exact(vectors, 1, -1.0)


def test_neighbours_is_the_same_every_time() -> None:
    vectors = clusters(200, 5, 0.5)
    one, other = (nearest_names(vectors, 10, 0.3) for _ in range(2))
    assert np.array_equal(one.rows, other.rows)
    assert np.array_equal(one.cosines, other.cosines)


@pytest.mark.parametrize(("count", "pairs"), [(0, 0), (1, 0), (2, 1), (3, 3)])
def test_neighbours_of_few_names(count: int, pairs: int) -> None:
    found = nearest_names(clusters(1, count, 0.1), 10, 0.5)
    assert found.rows.shape == (pairs, 2)
    assert found.cosines.shape == (pairs,)


def test_neighbours_of_short_vectors() -> None:
    vectors = clusters(20, 4, 0.1, dimension=8)
    assert as_set(nearest_names(vectors, 3, 0.9)) == exact(vectors, 3, 0.9)
