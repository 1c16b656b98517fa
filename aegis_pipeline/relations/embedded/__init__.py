"""Relations by the trained reader: the whole document is read, in the process."""

from aegis_pipeline.relations.embedded.extractor import EmbeddedRelationExtractor, load_embedded

__all__ = ["EmbeddedRelationExtractor", "load_embedded"]
