"""Phase 2: mentions in, entities and the merge log out."""

from aegis_pipeline.entities.by_name import entities_by_name
from aegis_pipeline.entities.keys import Claim, Thing, assign_keys, distinguish, graph_key
from aegis_pipeline.entities.link import link_mentions
from aegis_pipeline.entities.linked_documents import LinkMemory
from aegis_pipeline.entities.name_vectors import EncodeNames
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.override_file import load_overrides
from aegis_pipeline.entities.overrides import NO_OVERRIDES, MergeOverrides

__all__ = [
    "NO_OVERRIDES",
    "Claim",
    "EncodeNames",
    "LinkMemory",
    "MergeOverrides",
    "Thing",
    "assign_keys",
    "distinguish",
    "entities_by_name",
    "graph_key",
    "link_mentions",
    "load_overrides",
    "normalise",
]
