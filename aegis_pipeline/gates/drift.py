"""The gate that compares a batch's relations and entities with the batches before it; it only warns."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from statistics import quantiles

from aegis_pipeline.gates.verdict import Verdict

_BINS = 10
_ABSENT = 0.5  # added to each count, so that what one side lacks does not make the index infinite


@dataclass(frozen=True, slots=True)
class BatchProfile:
    """How sure a batch's relations are, and how many of its entities are of each type."""

    confidences: tuple[float, ...]
    types: Counter[str]

    def __add__(self, other: "BatchProfile") -> "BatchProfile":
        """Both together."""
        return BatchProfile(self.confidences + other.confidences, self.types + other.types)


def population_stability(found: Mapping[str, int], reference: Mapping[str, int]) -> float:
    """The population stability index of two counts over the same categories: Σ (p − q) ln(p / q).

    Usual reading (N. Siddiqi, Credit Risk Scorecards, 2006): below 0.1 the same, to 0.25 a small shift, above it a
    large one.
    """
    categories = found.keys() | reference.keys()
    total, base = (sum(counts.values()) + _ABSENT * len(categories) for counts in (found, reference))
    shares = (((found.get(c, 0) + _ABSENT) / total, (reference.get(c, 0) + _ABSENT) / base) for c in categories)
    return sum((p - q) * math.log(p / q) for p, q in shares)


def confidence_drift(
    batch: BatchProfile, earlier: Sequence[BatchProfile], maximum: float, min_relations: int
) -> Verdict:
    """The stability of confidences (in tenths of the earlier batches) and of entity types against ``earlier``."""
    reference = reduce(add, earlier, BatchProfile((), Counter()))
    counts = {
        "relations": len(batch.confidences),
        "earlier_relations": len(reference.confidences),
        "earlier_batches": len(earlier),
        "maximum": maximum,
    }
    if min(counts["relations"], counts["earlier_relations"]) < min_relations:
        return Verdict.undecided(f"{min_relations} relations are needed, here and in earlier batches.", counts)
    edges = sorted(set(quantiles(reference.confidences, n=_BINS)))
    index = {
        "confidence_stability_index": population_stability(
            _binned(batch.confidences, edges), _binned(reference.confidences, edges)
        ),
        "type_stability_index": population_stability(batch.types, reference.types),
    }
    drifted = [name for name, value in index.items() if value > maximum]
    said = "; ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in index.items())
    remedy = " Another kind of text, or another model? Compare some documents by `aegis explain`." if drifted else ""
    return Verdict(
        passed=True,
        warning=bool(drifted),
        description=f"Against {len(earlier)} earlier batch(es): {said}.{remedy}",
        evidence={
            **{name: round(value, 4) for name, value in index.items()},
            **counts,
            "types_of_this_batch": _shares(batch.types),
            "types_of_earlier_batches": _shares(reference.types),
        },
    )


def _binned(values: Sequence[float], edges: Sequence[float]) -> Counter[str]:
    """By the edges that a value lies between; one that is an edge counts apart, for an LLM gives few distinct ones."""
    return Counter(str(bisect_left(edges, value) + bisect_right(edges, value)) for value in values)


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {name: round(count / total, 4) for name, count in sorted(counts.items())}
