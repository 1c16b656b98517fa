"""How good the sentences are that a statement gives as its evidence; used by ``measure_reader.py``."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from reader_runs import Run

from aegis_pipeline.benchmarks.scoring.counts import Counts
from aegis_pipeline.benchmarks.statements import Stated
from aegis_pipeline.records import Mention
from aegis_pipeline.training.gold import GoldDocument


class Evidence(NamedTuple):
    """Sentences of the gold document: those that a statement gives, those of gold, those that name its head and its
    tail, and the first of the two that name them nearest to each other."""

    said: list[int]
    gold: set[int]
    heads: set[int]
    tails: set[int]
    nearest: int


def evidence(ranked: Sequence[Stated], run: Run, documents: Sequence[GoldDocument]) -> dict[str, Any]:
    """Of right statements whose gold has evidence: whether the first sentence is among it, beside two rules that look
    at places alone; and precision and recall of all sentences that are given."""
    labelled = [one for one in _found(ranked, run, documents) if one.gold]
    several, first = Counts(), Counts()
    for one in labelled:
        several.add(set(one.said), one.gold)
        first.add({one.said[0]}, one.gold)
    chosen = {
        "the reader's first": [one.said[0] for one in labelled],
        "the first that names both, else the head": [min(one.heads & one.tails or one.heads) for one in labelled],
        "where both are named nearest": [one.nearest for one in labelled],
    }
    return {
        "statements": len(labelled),
        "of them named together in no sentence": sum(not one.heads & one.tails for one in labelled),
        "share in gold evidence": {
            name: round(sum(k in one.gold for k, one in zip(sentences, labelled, strict=True)) / len(labelled), 4)
            for name, sentences in chosen.items()
        },
        "all sentences": several.figures(),
        "first sentence only": first.figures(),
    }


def _found(ranked: Sequence[Stated], run: Run, documents: Sequence[GoldDocument]) -> list[Evidence]:
    by_id = {document.id: document for document in documents}
    mentions = {entity.id: entity.mentions for entity in run.extraction.entities}
    found = []
    for one in ranked:
        if one.right:
            own = one.relation.document_id
            head, tail = (
                [m for m in mentions[end] if m.document_id == own] for end in (one.relation.head, one.relation.tail)
            )
            found.append(_evidence(one, by_id[own], head, tail))
    return found


def _evidence(one: Stated, document: GoldDocument, head: Sequence[Mention], tail: Sequence[Mention]) -> Evidence:
    firsts = [first for first, _ in document.sents]

    def sentence(offset: int) -> int:
        return max(0, bisect_right(firsts, offset) - 1)

    spans = (one.relation.evidence, *one.relation.further_evidence)
    triple = (one.head, one.tail, one.relation.pid)
    heads, tails = ([m.span.start for m in mentions] for mentions in (head, tail))
    _, nearest = min((abs(a - b), min(a, b)) for a in heads for b in tails)
    return Evidence(
        [sentence((span.start + span.end) // 2) for span in spans],
        {k for r in document.relations if (r.head, r.tail, r.pid) == triple for k in r.evidence},
        set(map(sentence, heads)),
        set(map(sentence, tails)),
        sentence(nearest),
    )
