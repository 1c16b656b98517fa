"""What was stated of labelled documents, one by one: right or wrong, by property, and with which evidence."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction
from aegis_pipeline.benchmarks.scoring.counts import Counts
from aegis_pipeline.benchmarks.scoring.scorer import align, match_nodes
from aegis_pipeline.records import Relation

Gold = Mapping[str, GoldDocument]


class Stated(NamedTuple):
    """A statement between gold clusters (or what is none), by the most confident relation that states it."""

    head: Hashable
    tail: Hashable
    relation: Relation
    right: bool


def stated(gold: Gold, lines: Mapping[str, Prediction], relations: Iterable[Relation]) -> list[Stated]:
    """Every statement of ``relations``, whose nodes ``lines`` have, the most confident first; several nodes may be one
    cluster, as in ``rel_soft``."""
    by_document: dict[str, list[Relation]] = defaultdict(list)
    for relation in relations:
        by_document[relation.document_id].append(relation)
    found: list[Stated] = []
    for key, document in gold.items():
        clusters, _ = match_nodes(align(document, lines[key]))
        want = {(r["head"], r["tail"], r["pid"]) for r in document.get("relations", [])}
        best: dict[Any, Relation] = {}
        for r in sorted(by_document[key], key=lambda r: r.confidence):
            best[clusters.get(r.head, ("?", r.head)), clusters.get(r.tail, ("?", r.tail)), r.pid] = r
        found += [Stated(triple[0], triple[1], r, triple in want) for triple, r in best.items()]
    return sorted(found, key=lambda one: -one.relation.confidence)


def by_property(gold: Gold, found: Sequence[Stated]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 with counts for each property that is labelled or stated, the most labelled first.

    What has no property of Wikidata stands under its predicate, and is never right.
    """
    wanted = Counter(r["pid"] for document in gold.values() for r in document.get("relations", []))
    right, wrong = (
        Counter(one.relation.pid or one.relation.predicate for one in found if one.right is said)
        for said in (True, False)
    )
    names = sorted({*wanted, *right, *wrong}, key=lambda name: (-wanted[name], name))
    return {name: Counts(right[name], wrong[name], wanted[name] - right[name]).figures() for name in names}


def evidence(gold: Gold, found: Sequence[Stated]) -> dict[str, Any]:
    """Of right statements whose gold names its sentences: how often the first that is given is one of them, and
    precision and recall of all that are given. Nothing where gold names none.
    """
    several, first, count = Counts(), 0, 0
    for one in found:
        document = gold[one.relation.document_id]
        want = _gold_sentences(document, one)
        if one.right and want and "sents" in document:
            spans = (one.relation.evidence, *one.relation.further_evidence)
            given = [_sentence(document["sents"], (span.start + span.end) // 2) for span in spans]
            several.add(set(given), want)
            first += given[0] in want
            count += 1
    if not count:
        return {}
    return {"statements": count, "first sentence right": round(first / count, 4), "sentences": several.figures()}


def _gold_sentences(document: GoldDocument, one: Stated) -> set[int]:
    triple = (one.head, one.tail, one.relation.pid)
    return {
        sentence
        for r in document.get("relations", [])
        if (r["head"], r["tail"], r["pid"]) == triple
        for sentence in r.get("evidence", [])
    }


def _sentence(sents: Sequence[tuple[int, int]], offset: int) -> int:
    """The index of the sentence at ``offset``."""
    return max(0, bisect_right([first for first, _ in sents], offset) - 1)
