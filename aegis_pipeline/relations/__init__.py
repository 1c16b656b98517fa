"""Phase 3: sentences, mentions and entities become relations, each with a predicate, a confidence and its evidence."""

from aegis_pipeline.relations.factory import build_relation_extractor
from aegis_pipeline.relations.interface import RelationExtractor
from aegis_pipeline.relations.parse import DependencyRelationExtractor, load_patterns
from aegis_pipeline.relations.schema import Predicate, load_schema, match_predicates, predicate

__all__ = [
    "DependencyRelationExtractor",
    "Predicate",
    "RelationExtractor",
    "build_relation_extractor",
    "load_patterns",
    "load_schema",
    "match_predicates",
    "predicate",
]
