"""Phase 2: mentions in, entities and the merge log out."""

from aegis_pipeline.entities.keys import graph_key
from aegis_pipeline.entities.link import link_mentions
from aegis_pipeline.entities.normalise import normalise

__all__ = ["graph_key", "link_mentions", "normalise"]
