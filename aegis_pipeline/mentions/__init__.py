"""Phase 1: chunks in, mentions out."""

from aegis_pipeline.mentions.extraction import FallbackMentionExtractor, MentionExtractor, build_mention_extractor
from aegis_pipeline.mentions.glossary import GlossaryEntry, load_glossary, same_names
from aegis_pipeline.mentions.labels import entity_types
from aegis_pipeline.mentions.pipelines import read_pipeline
from aegis_pipeline.mentions.regex_extractor import RegexMentionExtractor
from aegis_pipeline.mentions.spacy_extractor import SpacyMentionExtractor

__all__ = [
    "FallbackMentionExtractor",
    "GlossaryEntry",
    "MentionExtractor",
    "RegexMentionExtractor",
    "SpacyMentionExtractor",
    "build_mention_extractor",
    "entity_types",
    "load_glossary",
    "read_pipeline",
    "same_names",
]
