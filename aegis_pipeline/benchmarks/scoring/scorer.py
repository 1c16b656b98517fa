"""Labelled documents against predictions: mentions, identity and relations."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NamedTuple

from aegis_pipeline.benchmarks.scoring.counts import BCubed, Counts, add_pairs, precision_at
from aegis_pipeline.benchmarks.scoring.formats import GoldDocument, GoldMention, Id, PredictedEdge, Prediction
from aegis_pipeline.records import Span

GOLD_TYPES = {
    **dict.fromkeys(("GPE", "LOC", "FAC", "NORP"), "LOC"),
    **dict.fromkeys(("DATE", "TIME"), "TIME"),
    **dict.fromkeys(("PERCENT", "MONEY", "QUANTITY", "CARDINAL"), "NUM"),
    **dict.fromkeys(("PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"), "MISC"),
    "PERSON": "PER",
    "ORG": "ORG",
}
"""spaCy's label to the type of the labelled data; any other label is compared as it is."""

_LEADING = re.compile(r"^(the|a|an)\s+", re.IGNORECASE)
_TRAILING = re.compile(r"('s|’s|'|\s)+$")

Triple = tuple[Hashable, Hashable, str | None]
Nodes = Mapping[Id, Hashable]


class Found(NamedTuple):
    """A predicted mention: the node it belongs to and its label."""

    node: Id
    label: str | None


@dataclass(frozen=True)
class Aligned:
    """One document's gold and predicted mentions by their tight spans."""

    gold: GoldDocument
    pred: Prediction
    want: Mapping[Span, GoldMention]
    got: Mapping[Span, Found]

    @property
    def hits(self) -> AbstractSet[Span]:
        """The spans that both have."""
        return self.want.keys() & self.got.keys()


def score(gold: Mapping[str, GoldDocument], pred: Mapping[str, Prediction]) -> dict[str, Any]:
    """All figures of the package's docstring; a gold document without a prediction counts as found nothing in.

    Identity and relations are only there where gold has clusters (or ``kb``) for a mention that was matched.
    """
    aligned = [align(document, pred.get(key)) for key, document in gold.items()]
    within = [document for document in aligned if "relations" in document.gold]
    out: dict[str, Any] = {"documents": len(gold), **_mention_figures(aligned)}
    if any(document.hits for document in within):
        out |= _identity_within(within) | _relation_figures(within)
    return out | _identity_across([document for document in aligned if "relations" not in document.gold])


def tight(text: str, start: int, end: int) -> Span:
    """A span without a leading the/a/an and without a trailing 's."""
    if leading := _LEADING.match(text[start:end]):
        start += leading.end()
    if (trailing := _TRAILING.search(text[start:end])) and trailing.start() > 0:
        end = start + trailing.start()
    return Span(start, end)


def align(gold: GoldDocument, pred: Prediction | None) -> Aligned:
    """Lays the mentions of both sides over each other."""
    pred = pred or {"id": gold["id"], "nodes": [], "edges": []}
    first, last = gold.get("eval_span") or (0, None)
    want = {tight(gold["text"], m["start"], m["end"]): m for m in gold["mentions"]}
    got = {
        tight(gold["text"], m["start"], m["end"]): Found(node["id"], label)
        for node in pred["nodes"]
        for m in node["mentions"]
        if (label := m.get("label") or node.get("type")) != "ORDINAL"
        and (last is None or (first <= m["start"] and m["end"] <= last))
    }
    return Aligned(gold, pred, want, got)


def _mention_figures(aligned: Sequence[Aligned]) -> dict[str, Any]:
    """``ner_span``, ``ner_typed`` and ``ner_overlap_recall``."""
    want, got = sum(len(d.want) for d in aligned), sum(len(d.got) for d in aligned)
    hits = sum(len(d.hits) for d in aligned)
    typed = sum(_gold_type(d.got[span].label) == d.want[span].get("type") for d in aligned for span in d.hits)
    overlapping = sum(any(_overlap(span, other) for other in d.got) for d in aligned for span in d.want)
    return {
        "ner_span": Counts(hits, got - hits, want - hits).figures(),
        "ner_typed": Counts(typed, got - typed, want - typed).figures(),
        "ner_overlap_recall": round(overlapping / max(1, want), 4),
    }


def _gold_type(label: str | None) -> str | None:
    return GOLD_TYPES.get(label, label) if label else label


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _identity_within(aligned: Sequence[Aligned]) -> dict[str, Any]:
    """``pairwise`` and ``b3`` within each document."""
    pairs, b3 = Counts(), BCubed()
    for document in aligned:
        got = {span: document.got[span].node for span in document.hits}
        want = {span: document.want[span].get("cluster") for span in document.hits}
        add_pairs(pairs, got, want)
        b3.add(got, want)
    return {"pairwise": pairs.figures(), "b3": b3.figures()}


def _identity_across(aligned: Sequence[Aligned]) -> dict[str, Any]:
    """``pairwise`` and ``b3`` over all documents; nothing where no matched mention has a ``kb``."""
    linked = [(document, span) for document in aligned for span in document.hits if document.want[span].get("kb")]
    if not linked:
        return {}
    got = {(document.gold["id"], span): document.got[span].node for document, span in linked}
    want = {(document.gold["id"], span): document.want[span].get("kb") for document, span in linked}
    pairs, b3 = Counts(), BCubed()
    add_pairs(pairs, got, want)
    b3.add(got, want)
    return {"pairwise": pairs.figures(), "b3": b3.figures()}


def _relation_figures(aligned: Sequence[Aligned]) -> dict[str, Any]:
    """``rel_soft``, ``rel_strict``, ``rel_pair``, ``rel_macro_f1`` and ``rel_precision_at``."""
    soft, strict, pair = Counts(), Counts(), Counts()
    by_property: defaultdict[str | None, Counts] = defaultdict(Counts)
    ranked: list[tuple[float, bool]] = []
    for document in aligned:
        several, single = match_nodes(document)
        want: set[Triple] = {(r["head"], r["tail"], r["pid"]) for r in document.gold.get("relations", [])}
        got = _statements(document.pred["edges"], several)
        soft.add(got.keys(), want)
        strict.add(_statements(document.pred["edges"], single).keys(), want)
        pair.add({triple[:2] for triple in got}, {triple[:2] for triple in want})
        for triple in got.keys() | want:
            by_property[triple[2]].add({triple} & got.keys(), {triple} & want)
        ranked += [(confidence, triple in want) for triple, confidence in got.items()]
    macro = sum(counts.figures()["f1"] for counts in by_property.values()) / max(1, len(by_property))
    return {
        "rel_soft": soft.figures(),
        "rel_strict": strict.figures(),
        "rel_pair": pair.figures(),
        "rel_macro_f1": round(macro, 4),
        "rel_precision_at": precision_at(ranked, soft.tp + soft.fn),
    }


def match_nodes(document: Aligned) -> tuple[Nodes, Nodes]:
    """Node to gold cluster twice, most shared mentions first: soft, and one to one."""
    overlap = Counter((document.got[span].node, document.want[span].get("cluster")) for span in document.hits)
    soft: dict[Id, Hashable] = {}
    strict: dict[Id, Hashable] = {}
    used: set[Hashable] = set()
    for (node, cluster), _ in sorted(overlap.items(), key=lambda item: (-item[1], str(item[0]))):
        soft.setdefault(node, cluster)
        if node not in strict and cluster not in used:
            strict[node] = cluster
            used.add(cluster)
    return soft, strict


def _statements(edges: Sequence[PredictedEdge], nodes: Nodes) -> dict[Triple, float]:
    """Triples over gold clusters with their highest confidence; an endpoint without a match keeps its own name."""
    found: dict[Triple, float] = {}
    for edge in edges:
        head, tail = (nodes.get(edge[end], ("?", edge[end])) for end in ("head", "tail"))
        triple = (head, tail, edge.get("pid"))
        found[triple] = max(found.get(triple, 0.0), edge.get("confidence") or 0.0)
    return found
