"""Phase 3: sentences, mentions and entities become relations, each with a predicate, a confidence and its evidence."""

from aegis_pipeline.relations.factory import build_relation_extractor, usable_schema
from aegis_pipeline.relations.interface import RelationExtractor
from aegis_pipeline.relations.schema import Predicate, RelationSchema, match_predicates
from aegis_pipeline.relations.schema_file import load_schema

__all__ = [
    "Predicate",
    "RelationExtractor",
    "RelationSchema",
    "build_relation_extractor",
    "load_schema",
    "match_predicates",
    "usable_schema",
]
