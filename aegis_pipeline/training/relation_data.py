"""Windows with their relations: from gold mentions, or from mentions as the pipeline finds them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aegis_pipeline.reader.labels import TYPES
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, Window, windows
from aegis_pipeline.records import Span
from aegis_pipeline.training.gold import GoldDocument, sentence_spans, tight, tight_mentions

_NUM = TYPES.index("NUM")

Pair = tuple[int, int]
Triple = tuple[str, str, str]
"""Head, tail and property; a head or tail that is no gold cluster is a name of its own."""


@dataclass(frozen=True, slots=True)
class LabelledWindow:
    """A window, what holds between its entities, and the document's sentences that state it.

    ``clusters`` are the gold clusters of its entities, or names of their own; ``annotated`` are the properties that
    were labelled, None where all were.
    """

    document_id: str
    window: Window
    clusters: tuple[str, ...]
    holds: Mapping[Pair, frozenset[str]]
    evidence: Mapping[Pair, tuple[int, ...]] = field(default_factory=dict)
    annotated: frozenset[str] | None = None


def gold_named(document: GoldDocument) -> list[Named]:
    """The gold mentions; numbers take part in no relation."""
    found = ((span, mention, TYPES.index(mention.type)) for span, mention in tight_mentions(document))
    return [Named(span, kind, str(mention.cluster)) for span, mention, kind in found if kind != _NUM]


def clusters_of(document: GoldDocument, named: Sequence[Named]) -> dict[str, str]:
    """Entity → the gold cluster that it shares most mentions with, or a name of its own, as the scorer says it."""
    gold = {span: str(mention.cluster) for span, mention in tight_mentions(document)}
    shared: dict[str, Counter[str]] = {mention.entity: Counter() for mention in named}
    for mention in named:
        if cluster := gold.get(tight(document.text, mention.span)):
            shared[mention.entity][cluster] += 1
    return {
        entity: min(count, key=lambda cluster: (-count[cluster], cluster), default=f"? {entity}")
        for entity, count in shared.items()
    }


def labelled_windows(
    document: GoldDocument, named: Sequence[Named], tokenizer: ReaderTokenizer, max_tokens: int
) -> list[LabelledWindow]:
    """The document's windows with two entities or more."""
    clusters = clusters_of(document, named)
    found = windows(document.text, sentence_spans(document), named, tokenizer, max_tokens)
    return [_labelled(document, window, clusters) for window in found if len(window.entities) > 1]


def _labelled(document: GoldDocument, window: Window, clusters: Mapping[str, str]) -> LabelledWindow:
    holds: dict[Pair, set[str]] = {}
    evidence: dict[Pair, set[int]] = {}
    places: dict[str, list[int]] = {}
    for place, entity in enumerate(window.entities):
        places.setdefault(clusters[entity], []).append(place)
    for relation in document.relations:
        for head in places.get(str(relation.head), ()):
            for tail in places.get(str(relation.tail), ()):
                if head != tail:
                    holds.setdefault((head, tail), set()).add(relation.pid)
                    evidence.setdefault((head, tail), set()).update(relation.evidence)
    return LabelledWindow(
        document.id,
        window,
        tuple(clusters[entity] for entity in window.entities),
        {pair: frozenset(pids) for pair, pids in holds.items()},
        {pair: tuple(sorted(sentences)) for pair, sentences in evidence.items() if sentences},
    )


def gold_triples(documents: Sequence[GoldDocument]) -> set[tuple[str, Triple]]:
    """Every statement of the documents, whether its entities are found or not."""
    return {(d.id, (str(r.head), str(r.tail), r.pid)) for d in documents for r in d.relations}


def write_named(path: Path, named: Mapping[str, Sequence[Named]]) -> None:
    """Keep found mentions: a line a document."""
    with path.open("w", encoding="utf-8") as file:
        for document_id, mentions in named.items():
            rows = [[m.span.start, m.span.end, m.kind, m.entity] for m in mentions]
            file.write(json.dumps({"id": document_id, "mentions": rows}, ensure_ascii=False) + "\n")


def read_named(path: Path) -> dict[str, list[Named]]:
    """What :func:`write_named` wrote."""
    rows = map(json.loads, path.read_bytes().splitlines())
    return {row["id"]: [Named(Span(a, b), kind, entity) for a, b, kind, entity in row["mentions"]] for row in rows}
