"""Names whose vectors are near each other: the candidates of phase 2, by an index instead of a dense matrix.

The index is voyager's HNSW graph (Malkov and Yashunin, 2018: arXiv 1603.09320). It is searched in the principal
components of the vectors, and what it finds is measured in the vectors themselves: a third of the time, for .997
instead of .998 of the pairs of cosine .6 and more among the ten nearest (24,064 names of Re-DocRED, GUM, re3d and
KnowledgeNet by MiniLM, against exact search).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Principal components kept. Asked for 16 rows, 128 and 192 of them found .987 and .996 of the pairs above;
# 192 take 1.4 times the time of 128, and asking 128 for more rows (OVERFETCH) finds as many for less.
COMPONENTS = 128
# Links of a row in the graph, and how many rows are held in view while it is built and while it is searched.
LINKS, BUILD_WIDTH, SEARCH_WIDTH = 16, 100, 48
# The index is asked for more than is wanted, for its order is that of the components.
OVERFETCH = 3
# Rows that follow each other in the input are put this far apart in the order of insertion: sorted names come in runs
# of near ones, and a graph built run by run comes apart (of 300 clusters of 30 rows, 14 in 100 rows were unreachable).
STRIDE = 64
# Rows in double precision, or measured against their neighbours, at once: what bounds memory.
BLOCK = 1024


# Up to so many rows a product of all with all is faster than an index, and misses none.
EXACT = 1024
Found = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]  # rows, other rows, cosines


class NearPairs(NamedTuple):
    """Pairs of rows, shape ``(m, 2)``, the lower row first, in ascending order; and the cosine of each, ``(m,)``."""

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]


def nearest_names(vectors: NDArray[np.float32], k: int, least_cosine: float) -> NearPairs:
    """Pairs of which one is among the ``k`` nearest of the other, at a cosine of ``least_cosine`` or more.

    Each pair is there once, and the same input gives the same pairs. The search is approximate: it misses a few.

    Args:
        vectors: a unit vector for each name, shape ``(n, dimension)``, in a fixed order of the names.
        k: how many neighbours of a row are looked at, at least 1.
        least_cosine: in [-1, 1].
    """
    count = len(vectors)
    if count < 2:
        return NearPairs(np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.float32))
    ones, others, cosines = _exact(vectors, k) if count <= EXACT else _indexed(vectors, k)
    near = cosines >= least_cosine
    return _once(np.stack([ones, others], axis=1)[near], cosines[near], count)


def _exact(vectors: NDArray[np.float32], k: int) -> Found:
    """Every row against every other."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    others = np.argsort(-cosines, axis=1, kind="stable")[:, : min(k, len(vectors) - 1)]
    rows = np.broadcast_to(np.arange(len(vectors))[:, None], others.shape)
    return rows.ravel(), others.ravel(), np.take_along_axis(cosines, others, 1).ravel()


def _indexed(vectors: NDArray[np.float32], k: int) -> Found:
    """What the index finds, measured in the vectors themselves, block by block."""
    found = _search(_principal_components(vectors), min(OVERFETCH * k + 1, len(vectors)))
    blocks = [_nearest(vectors, found[start : start + BLOCK], start, k) for start in range(0, len(vectors), BLOCK)]
    ones, others, cosines = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return ones, others, cosines


def _principal_components(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The directions in which the vectors are longest, not centred, so that angles stay what they are; unit length.

    In double precision and with rounded directions, so that it does not depend on the number of threads.
    """
    if vectors.shape[1] <= COMPONENTS:
        return vectors
    blocks = [vectors[start : start + BLOCK] for start in range(0, len(vectors), BLOCK)]
    wide = (block.astype(np.float64) for block in blocks)
    _, directions = np.linalg.eigh(sum(block.T @ block for block in wide))
    directions = directions[:, -COMPONENTS:].round(4)
    return np.concatenate([_unit(block.astype(np.float64) @ directions) for block in blocks])


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


def _search(vectors: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Rows near each row, shape ``(n, k)``. One thread builds: with more, the graph depends on who comes first."""
    from voyager import Index, Space

    order = np.argsort(np.arange(len(vectors)) % STRIDE, kind="stable")
    index = Index(
        Space.Cosine,
        num_dimensions=vectors.shape[1],
        M=LINKS,
        ef_construction=BUILD_WIDTH,
        random_seed=0,
        max_elements=len(vectors),
    )
    index.add_items(vectors[order], ids=order, num_threads=1)
    rows, _ = index.query(vectors, k, query_ef=max(SEARCH_WIDTH, k))
    return np.asarray(rows, dtype=np.int64)


def _nearest(vectors: NDArray[np.float32], found: NDArray[np.int64], start: int, k: int) -> Found:
    """Of what was found for the rows from ``start`` on: row, other row and cosine of the ``k`` nearest others."""
    rows = np.arange(start, start + len(found))[:, None]
    cosines = np.einsum("nkd,nd->nk", vectors[found], vectors[start : start + len(found)])
    cosines[found == rows] = -np.inf  # a row is no neighbour of its own
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    others, cosines = np.take_along_axis(found, best, 1), np.take_along_axis(cosines, best, 1)
    return np.broadcast_to(rows, others.shape).ravel(), others.ravel(), cosines.ravel()


def _once(pairs: NDArray[np.int64], cosines: NDArray[np.float32], count: int) -> NearPairs:
    """Each pair once, the lower row first."""
    pairs = np.sort(pairs, axis=1)
    _, first = np.unique(pairs[:, 0] * count + pairs[:, 1], return_index=True)
    return NearPairs(pairs[first], cosines[first])
