"""Figures of relations beside those of the scorer: confidence, evidence, the long tail, floor and ceiling."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from reader_runs import LEAST, Gold, Part

from aegis_pipeline.benchmarks.scoring import Prediction, score
from aegis_pipeline.benchmarks.scoring.counts import Counts
from aegis_pipeline.benchmarks.scoring.formats import Id, PredictedEdge
from aegis_pipeline.benchmarks.scoring.scorer import align, match_nodes
from aegis_pipeline.benchmarks.statements import Stated
from aegis_pipeline.benchmarks.statements import stated as stated_of
from aegis_pipeline.relations import load_schema

RECALLS = (0.1, 0.2, 0.3, 0.4, 0.5)
WANTED_PRECISION = 0.75


def stated(part: Part) -> list[Stated]:
    """Every statement of a part, the most confident first."""
    return stated_of(part.gold, part.run.lines, part.run.extraction.relations)


def curve(ranked: Sequence[Stated], total: int) -> list[dict[str, float]]:
    """Precision and recall of what has a confidence or more, for each that is a multiple of ``LEAST``."""
    points = []
    for confidence in (round(k * LEAST, 2) for k in range(1, round(1 / LEAST))):
        kept = [one.right for one in ranked if one.relation.confidence >= confidence]
        if kept:
            p, r = sum(kept) / len(kept), sum(kept) / total
            points.append({"confidence": confidence, "p": round(p, 4), "r": round(r, 4), "stated": len(kept)})
    return points


def precision_at_recall(ranked: Sequence[Stated], total: int) -> dict[str, float | None]:
    """Precision of the most confident statements at each of ``RECALLS``; null where that recall is not reached."""
    found: dict[str, float | None] = dict.fromkeys(map(str, RECALLS))
    right = 0
    for count, one in enumerate(ranked, 1):
        right += one.right
        for recall in RECALLS:
            if found[str(recall)] is None and right / total >= recall:
                found[str(recall)] = round(right / count, 4)
    return found


def least_precise(ranked: Sequence[Stated]) -> float | None:
    """The lowest confidence at which what has it or more is right at least as often as ``WANTED_PRECISION``."""
    right, lowest = 0, None
    for count, one in enumerate(ranked, 1):
        right += one.right
        if right / count >= WANTED_PRECISION:
            lowest = round(one.relation.confidence, 4)
    return lowest


def bands(ranked: Sequence[Stated]) -> list[dict[str, float]]:
    """For each tenth of the confidence: how many statements, their mean confidence, and the share that is right."""
    rows = []
    for tenth in range(10):
        inside = [one for one in ranked if min(9, int(one.relation.confidence * 10)) == tenth]
        if inside:
            mean = sum(one.relation.confidence for one in inside) / len(inside)
            share = sum(one.right for one in inside) / len(inside)
            rows.append({"from": tenth / 10, "stated": len(inside), "mean": round(mean, 3), "right": round(share, 3)})
    return rows


def properties(gold: Gold, ranked: Sequence[Stated], training: Gold) -> list[dict[str, Any]]:
    """Counts for each property, the most frequent of the training documents first."""
    names = {predicate.pid: predicate.label for predicate in load_schema().values() if predicate.pid}
    learned, wanted = (Counter(r["pid"] for d in part.values() for r in d["relations"]) for part in (training, gold))
    right, wrong = (Counter(str(one.relation.pid) for one in ranked if one.right is said) for said in (True, False))
    rows = []
    for pid in sorted(names, key=lambda pid: (-learned[pid], pid)):
        found = Counts(right[pid], wrong[pid], wanted[pid] - right[pid]).figures()
        rows.append({"pid": pid, "name": names[pid], "in training": learned[pid], **found})
    return rows


def ceiling(part: Part) -> float:
    """The share of gold relations both ends of which are found: the recall that no reader of them can pass."""
    reached = total = 0
    for key, document in part.gold.items():
        found = set(match_nodes(align(document, part.run.lines[key]))[0].values())
        total += len(document["relations"])
        reached += sum(r["head"] in found and r["tail"] in found for r in document["relations"])
    return round(reached / total, 4)


def floor(training: Part, tuning: Part, report: Part) -> dict[str, Any]:
    """A prior that reads nothing: how often two entities with these labels in one document have a property, counted in
    the training documents; from which share on it is stated, is chosen on the tuning documents."""
    shares = _shares_of_labels(training)

    def figures(part: Part, least: float) -> dict[str, Any]:
        guessed = {key: _guessed(part.run.lines[key], shares, least) for key in part.gold}
        return {
            name: f for name, f in score(part.gold, guessed).items() if name in ("rel_soft", "rel_strict", "rel_pair")
        }

    least = max((k / 100 for k in range(1, 31)), key=lambda k: figures(tuning, k)["rel_soft"]["f1"])
    return {"least share": least, **figures(report, least)}


Labels = tuple[str, str]


def _shares_of_labels(training: Part) -> dict[Labels, dict[str, float]]:
    """Labels of head and tail → property → the share of such pairs that have it."""
    pairs, holds = Counter[Labels](), defaultdict[Labels, Counter[str]](Counter)
    for key, document in training.gold.items():
        line, gold = training.run.lines[key], defaultdict[Any, list[str]](list)
        clusters, _ = match_nodes(align(document, line))
        for r in document["relations"]:
            gold[r["head"], r["tail"]].append(r["pid"])
        for head, tail, labels in _labelled_pairs(line):
            pairs[labels] += 1
            holds[labels].update(gold.get((clusters.get(head), clusters.get(tail)), ()))
    return {labels: {pid: n / pairs[labels] for pid, n in found.items()} for labels, found in holds.items()}


def _guessed(line: Prediction, shares: Mapping[Labels, Mapping[str, float]], least: float) -> Prediction:
    """A document's nodes with what their labels alone say."""
    edges: list[PredictedEdge] = [
        {"head": head, "tail": tail, "pid": pid, "confidence": share}
        for head, tail, labels in _labelled_pairs(line)
        for pid, share in shares.get(labels, {}).items()
        if share >= least
    ]
    return {**line, "edges": edges}


def _labelled_pairs(line: Prediction) -> Iterator[tuple[Id, Id, Labels]]:
    """Every two nodes of a document, both ways, with the label that most mentions of each have."""
    labels = {node["id"]: Counter(str(m.get("label")) for m in node["mentions"]) for node in line["nodes"]}
    most = {node: count.most_common(1)[0][0] for node, count in labels.items()}
    return ((head, tail, (most[head], most[tail])) for head, tail in permutations(most, 2))
