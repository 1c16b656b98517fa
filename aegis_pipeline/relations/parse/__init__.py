"""Relations from the dependency parse that phase 1 has already made."""

from aegis_pipeline.relations.parse.extractor import DependencyRelationExtractor
from aegis_pipeline.relations.parse.pattern_files import load_patterns

__all__ = ["DependencyRelationExtractor", "load_patterns"]
