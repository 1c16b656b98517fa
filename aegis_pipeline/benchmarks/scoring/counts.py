"""The counting behind every figure: pure functions over counts, clusterings and rankings."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

RECALLS = (0.1, 0.2, 0.3, 0.4)

Clustering = Mapping[Any, Hashable]
"""Item to the key of the cluster that it is in; two clusterings that are compared have the same items."""


@dataclass
class Counts:
    """True positives, false positives and false negatives, added up over documents."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, got: AbstractSet[Any], want: AbstractSet[Any]) -> None:
        """Counts what was found beside what should have been."""
        self.tp += len(got & want)
        self.fp += len(got - want)
        self.fn += len(want - got)

    def figures(self) -> dict[str, float]:
        """Precision, recall and F1, rounded to four places, with the counts that they come from."""
        p = self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0
        r = self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0
        f1 = 2 * p * r / (p + r) if p + r else 0.0
        return {"p": round(p, 4), "r": round(r, 4), "f1": round(f1, 4), "tp": self.tp, "fp": self.fp, "fn": self.fn}


@dataclass
class BCubed:
    """B-cubed (Bagga and Baldwin, 1998): sums of precision and recall over mentions, and their number."""

    precision: float = 0.0
    recall: float = 0.0
    mentions: int = 0

    def add(self, got: Clustering, want: Clustering) -> None:
        """Adds the mentions of two clusterings of the same mentions."""
        both = Counter((got[item], want[item]) for item in want)
        sizes_got, sizes_want = Counter(got.values()), Counter(want.values())
        self.precision += sum(n * n / sizes_got[cluster] for (cluster, _), n in both.items())
        self.recall += sum(n * n / sizes_want[cluster] for (_, cluster), n in both.items())
        self.mentions += len(want)

    def figures(self) -> dict[str, float]:
        """Mean precision and recall and their F1, rounded to four places; there must be a mention."""
        n = self.mentions
        f1 = 2 * self.precision * self.recall / (self.precision + self.recall) / n
        return {"p": round(self.precision / n, 4), "r": round(self.recall / n, 4), "f1": round(f1, 4), "mentions": n}


def add_pairs(counts: Counts, got: Clustering, want: Clustering) -> None:
    """Counts the pairs of mentions that two clusterings of the same mentions hold together, from cluster sizes."""
    tp = _pairs((got[item], want[item]) for item in want)
    counts.tp += tp
    counts.fp += _pairs(got.values()) - tp
    counts.fn += _pairs(want.values()) - tp


def _pairs(keys: Iterable[Hashable]) -> int:
    """How many pairs of items have the same key."""
    return sum(n * (n - 1) // 2 for n in Counter(keys).values())


def precision_at(ranked: Iterable[tuple[float, bool]], total: int) -> dict[str, float | None]:
    """Precision of the most confident answers at each of ``RECALLS``.

    Args:
        ranked: confidence and whether it is right, of every answer of all documents; in any order.
        total: how many right answers there are.
    """
    reached: dict[float, float] = {}
    tp = 0
    for n, (_, right) in enumerate(sorted(ranked, key=lambda answer: -answer[0]), 1):
        tp += right
        for recall in RECALLS:
            if recall not in reached and total and tp / total >= recall:
                reached[recall] = round(tp / n, 4)
    return {str(recall): reached.get(recall) for recall in RECALLS}
