"""The bundled samples as a contribution to the graph, by their gold: a small real graph that needs no model."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.entities import graph_key
from aegis_pipeline.graph import BatchContribution, contribute
from aegis_pipeline.records import Chunk, Document, Entity, Mention, Relation, Span
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.worlds import ENCODER

GOLD = Path(__file__).resolve().parents[2] / "aegis_pipeline" / "samples" / "gold" / "relations.jsonl"
TYPES = {"PER": "person", "ORG": "organization", "LOC": "place", "TIME": "date", "NUM": "number", "MISC": "other"}
Gold = dict[str, Any]


def gold_samples() -> BatchContribution:
    """What the samples contribute where equal names of a type are one entity; numbers are no nodes."""
    golds = {gold["id"]: gold for gold in map(json.loads, GOLD.read_text(encoding="utf-8").splitlines())}
    documents = [Document(f"doc-{path}", path, gold["text"], "hash") for path, gold in golds.items()]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    by_document = defaultdict(list)
    for chunk in chunks:
        by_document[chunk.document_id].append(chunk)
    mentions, relations = defaultdict(list), []
    for document in documents:
        gold, own = golds[document.path], by_document[document.id]
        for marked in gold["mentions"]:
            mentions[_entity(marked)].append(_mention(document, own, marked))
        relations += list(_relations(document, own, gold))
    entities = [
        Entity(f"{name}|{type_}", graph_key(name), name, type_, _aliases(name, found), tuple(found), type_ != "number")
        for (name, type_), found in mentions.items()
    ]
    return contribute("samples", documents, chunks, entities, relations, load_schema())


def _entity(marked: Gold) -> tuple[str, str]:
    return marked["name"], TYPES[marked["type"]]


def _aliases(name: str, mentions: list[Mention]) -> tuple[str, ...]:
    return tuple(sorted({mention.text for mention in mentions} - {name}))


def _mention(document: Document, chunks: list[Chunk], marked: Gold) -> Mention:
    chunk, sentence = _place(chunks, marked["start"])
    span, context = Span(marked["start"], marked["end"]), document.text[sentence.start : sentence.end]
    surface = document.text[span.start : span.end]
    return Mention(
        document.id, chunk.id, 0, span, surface, marked["type"], TYPES[marked["type"]], "gold", True, context
    )


def _place(chunks: list[Chunk], at: int) -> tuple[Chunk, Span]:
    return next((chunk, s) for chunk in reversed(chunks) for s in reversed(chunk.sentences) if s.start <= at)


def _relations(document: Document, chunks: list[Chunk], gold: Gold) -> Iterator[Relation]:
    predicates = load_schema().by_pid
    entities = {marked["cluster"]: "|".join(_entity(marked)) for marked in gold["mentions"]}
    for relation in gold["relations"]:
        chunk, sentence = _place(chunks, gold["sents"][relation["evidence"][0]][0])
        yield Relation(
            document_id=document.id,
            chunk_id=chunk.id,
            head=entities[relation["head"]],
            tail=entities[relation["tail"]],
            predicate=predicates[relation["pid"]].key,
            pid=relation["pid"],
            confidence=0.6 if relation["cross_sentence"] else 0.9,
            evidence=sentence,
            extractor="gold/1",
            evidence_text=document.text[sentence.start : sentence.end],
        )
