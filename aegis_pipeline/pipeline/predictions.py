"""The stable line format that ``aegis extract`` writes and every evaluation reads: ``docs/extract-format.md``."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from aegis_pipeline.pipeline.extraction import Extraction
from aegis_pipeline.records import Entity, Mention, Relation


def prediction_lines(extraction: Extraction) -> Iterator[dict[str, Any]]:
    """A dictionary for each document, in order: ``id``, ``nodes`` with their mentions in it, ``edges``."""
    nodes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entity in extraction.entities:
        by_document: dict[str, list[Mention]] = defaultdict(list)
        for mention in entity.mentions:
            by_document[mention.document_id].append(mention)
        for document_id, mentions in by_document.items():
            nodes[document_id].append(_node(entity, mentions))
    edges: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for relation in extraction.relations:
        edges[relation.document_id].append(_edge(relation))
    for document in extraction.documents:
        yield {"id": document.id, "nodes": nodes[document.id], "edges": edges[document.id]}


def _node(entity: Entity, mentions: list[Mention]) -> dict[str, Any]:
    spans = [{"start": m.span.start, "end": m.span.end, "label": m.label} for m in mentions]
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "aliases": list(entity.aliases),
        "mentions": spans,
    }


def _edge(relation: Relation) -> dict[str, Any]:
    return {
        "head": relation.head,
        "tail": relation.tail,
        "predicate": relation.predicate,
        "pid": relation.pid,
        "confidence": round(relation.confidence, 4),
        "evidence": {"start": relation.evidence.start, "end": relation.evidence.end},
        "further_evidence": [{"start": span.start, "end": span.end} for span in relation.further_evidence],
    }
