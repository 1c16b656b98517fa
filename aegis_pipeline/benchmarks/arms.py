"""F1 of an arm's graph against gold, measured in the same way for both arms.

A graph of LightRAG's has names, and neither places nor directions nor properties. So a node stands wherever one of its
names stands in the document, the longest name first, and relations are pairs without direction: whatever the three
phases know beyond that counts for nothing here.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction, score
from aegis_pipeline.benchmarks.scoring.formats import GoldRelation, PredictedMention
from aegis_pipeline.errors import InputError
from aegis_pipeline.pipeline.comparing import FoundDocument

_FIGURES = {"ner_span": "mentions F1", "pairwise": "identity F1", "rel_pair": "related pairs F1"}


def gold_of(gold: Mapping[str, GoldDocument], paths: Collection[str]) -> dict[str, GoldDocument]:
    """The labelled documents that are at ``paths``, which are their ids.

    Raises:
        InputError: there is none.
    """
    own = {path: document for path, document in gold.items() if path in paths}
    if not own:
        some = min(paths, default="a.txt")
        raise InputError(f"GOLD has none of the batch's documents: its ids must be their paths, such as {some!r}.")
    return own


def arm_scores(gold: Mapping[str, GoldDocument], documents: Sequence[FoundDocument]) -> dict[str, float]:
    """The F1 of each figure that gold allows, by its name.

    Raises:
        InputError: as ``arm_figures``.
    """
    figures = arm_figures(gold, documents)
    return {name: figures[key]["f1"] for key, name in _FIGURES.items() if key in figures}


def arm_figures(gold: Mapping[str, GoldDocument], documents: Sequence[FoundDocument]) -> dict[str, Any]:
    """The scorer's figures of an arm's graph; ``gold`` maps path to document.

    Documents without gold are left out, gold without a document counts as found nothing in.

    Raises:
        InputError: gold has another text than the document.
    """
    for document in documents:
        if document.path in gold and gold[document.path]["text"] != document.text:
            raise InputError(
                f"GOLD has another text of {document.path!r} than the batch: label what the lake has of it."
            )
    predictions = {document.path: _prediction(document) for document in documents}
    return score({path: _undirected(document) for path, document in gold.items()}, predictions)


def _undirected(document: GoldDocument) -> GoldDocument:
    """Every relation in both directions: precision and recall of pairs are then those of pairs without direction."""
    if "relations" not in document:
        return document
    turned: list[GoldRelation] = [
        {"head": head, "tail": tail, "pid": relation["pid"]}
        for relation in document["relations"]
        for head, tail in permutations((relation["head"], relation["tail"]))
    ]
    return {**document, "relations": turned}


def _prediction(document: FoundDocument) -> Prediction:
    places: dict[str, list[PredictedMention]] = {node: [] for node in document.names}
    for node, start, end in _places(document):
        places[node].append({"start": start, "end": end})
    return {
        "id": document.path,
        "nodes": [{"id": node, "mentions": found} for node, found in places.items()],
        "edges": [{"head": a, "tail": b} for pair in document.pairs for a, b in permutations(pair)],
    }


def _places(document: FoundDocument) -> Iterator[tuple[str, int, int]]:
    """Node, start and end of every name in the text; where names overlap, the first and longest."""
    nodes = {name: node for node, names in document.names.items() for name in names if name}
    if not nodes:
        return
    longest_first = sorted(nodes, key=lambda name: (-len(name), name))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    for found in pattern.finditer(document.text):
        yield nodes[found.group()], found.start(), found.end()
