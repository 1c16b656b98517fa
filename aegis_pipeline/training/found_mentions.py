"""Mentions and entities of labelled documents as phases 1 and 2 find them with a trained tagger."""

from collections.abc import Sequence
from pathlib import Path

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.entities import link_mentions
from aegis_pipeline.mentions import SpacyMentionExtractor, read_pipeline
from aegis_pipeline.models import Encoder
from aegis_pipeline.pipeline.extraction import relation_inputs
from aegis_pipeline.reader.labels import kind_of
from aegis_pipeline.reader.windows import Named
from aegis_pipeline.records import Document, Mention
from aegis_pipeline.training.gold import GoldDocument

SPACY_MODEL = "en_core_web_sm"
"""Before the tagger, as in the pipeline's default: it gives finer labels."""


def found_mentions(
    documents: Sequence[GoldDocument], weights: Path, encoder: Encoder, chunk_tokens: int, device: str = "cpu"
) -> list[Mention]:
    """Phase 1 over the documents."""
    chunks = chunk_documents([Document(d.id, d.id, d.text, "") for d in documents], encoder.count_tokens, chunk_tokens)
    extractor = SpacyMentionExtractor(read_pipeline(SPACY_MODEL, weights, device=device))
    return list(extractor.extract(chunks).mentions)


def named_entities(
    documents: Sequence[GoldDocument], mentions: Sequence[Mention], encoder: Encoder
) -> dict[str, list[Named]]:
    """Phase 2 over the documents: document id → the mentions of entities that are nodes."""
    entities = link_mentions(mentions, encoder.encode).entities
    inputs = relation_inputs([Document(d.id, d.id, d.text, "") for d in documents], (), mentions, entities)
    return {
        one.document_id: [Named(m.span, kind_of(m.label), one.entity_of[m.id]) for m in one.mentions] for one in inputs
    }
