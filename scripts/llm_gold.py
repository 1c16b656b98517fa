"""Labelled documents as phases 1 and 2 would give them, and what their labels state; used by ``measure_llm.py``."""

from collections.abc import Iterator, Sequence
from typing import Any

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.mentions.labels import type_of
from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.extraction import relation_inputs
from aegis_pipeline.reader.labels import LABELS, TYPES
from aegis_pipeline.records import Chunk, Document, Entity, Mention, RelationInput
from aegis_pipeline.relations import RelationSchema
from aegis_pipeline.settings import Settings
from aegis_pipeline.training.gold import GoldDocument, GoldMention, GoldRelation, tight_mentions

QUOTED_WORDS = 5


def joined(documents: Sequence[GoldDocument]) -> GoldDocument:
    """One long document, whose things are those of its parts."""
    text, mentions, relations, sents = "", [], [], []
    for number, part in enumerate(documents):
        moved, base, first = len(text), number * 1000, len(sents)
        sents += [(start + moved, end + moved) for start, end in part.sents]
        mentions += [
            GoldMention(start=m.start + moved, end=m.end + moved, type=m.type, cluster=m.cluster + base)
            for m in part.mentions
        ]
        relations += [
            GoldRelation(head=r.head + base, tail=r.tail + base, pid=r.pid, evidence=[e + first for e in r.evidence])
            for r in part.relations
        ]
        text += part.text + "\n\n"
    return GoldDocument(id=documents[0].id, text=text, sents=sents, mentions=mentions, relations=relations)


def inputs(gold: Sequence[GoldDocument]) -> list[RelationInput]:
    """The documents with their labelled names, as phases 1 and 2 would give them."""
    settings = Settings()
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    documents = [Document(each.id, each.id, each.text, each.id) for each in gold]
    chunks = chunk_documents(documents, encoder.count_tokens, settings.chunk_tokens)
    mentions = {each.id: dict(_mentions(each, [c for c in chunks if c.document_id == each.id])) for each in gold}
    entities = [entity for each in gold for entity in _entities(each.id, mentions[each.id])]
    return relation_inputs(documents, chunks, [m for own in mentions.values() for m in own], entities)


def _mentions(gold: GoldDocument, chunks: Sequence[Chunk]) -> Iterator[tuple[Mention, int]]:
    places = [(chunk.id, sentence) for chunk in chunks for sentence in chunk.sentences]
    for span, mention in tight_mentions(gold):
        label = LABELS[TYPES.index(mention.type)]
        for number, (chunk, sentence) in enumerate(places):
            if sentence.start <= span.start and span.end <= sentence.end and label != "CARDINAL":
                text = gold.text[span.start : span.end]
                yield Mention(gold.id, chunk, number, span, text, label, type_of(label), "gold"), mention.cluster


def _entities(document: str, cluster_of: dict[Mention, int]) -> Iterator[Entity]:
    for cluster in sorted(set(cluster_of.values())):
        own = tuple(mention for mention, found in cluster_of.items() if found == cluster)
        name = f"{document} {cluster}"
        yield Entity(name, name, own[0].text, own[0].type, (), own)


def statements(
    shown: dict[str, Any], labelled: dict[str, GoldDocument], documents: Sequence[RelationInput], schema: RelationSchema
) -> list[list[Any]]:
    """What the labels state of what is shown, in the form that is asked for."""
    gold = next(each for text, each in labelled.items() if shown["text"] in text)
    document = next(each for each in documents if each.document_id == gold.id)
    offset = gold.text.index(shown["text"])
    entities: dict[str, int] = {}
    for mention in document.mentions:
        if offset <= mention.span.start < offset + len(shown["text"]):
            entities.setdefault(document.entity_of[mention.id], len(entities) + 1)
    stated = []
    for relation in gold.relations:
        predicate = schema.by_pid.get(relation.pid)
        ends = [entities.get(f"{gold.id} {cluster}") for cluster in (relation.head, relation.tail)]
        if predicate and None not in ends and schema.kept(predicate) is predicate:
            start, end = gold.sents[min(relation.evidence, default=0)]
            quote = " ".join(gold.text[start:end].split()[:QUOTED_WORDS])
            stated.append([ends[0], predicate.key, ends[1], quote, 9])
    return stated
