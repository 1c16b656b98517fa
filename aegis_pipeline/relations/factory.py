"""Which relation extractor the settings ask for."""

from aegis_pipeline.relations.interface import RelationExtractor
from aegis_pipeline.relations.parse import DependencyRelationExtractor, load_patterns
from aegis_pipeline.settings import Settings


def build_relation_extractor(settings: Settings) -> RelationExtractor:
    """The extractor of phase 3: patterns over the dependency parse."""
    return DependencyRelationExtractor(load_patterns(), settings.relation_min_confidence)
