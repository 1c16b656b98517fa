"""Relations by the trained reader: the whole document is read, in the process."""

from aegis_pipeline.relations.embedded.extractor import EmbeddedRelationExtractor

__all__ = ["EmbeddedRelationExtractor"]
