"""What assets need that is slow to load or lies outside: models, the document lake, the graph, and their settings.

Every field can be changed in the launchpad of Dagster's UI.
"""

from aegis_pipeline.defs.resources.arms import ArmsResource, LegacyResource
from aegis_pipeline.defs.resources.base import SettingsResource, as_set
from aegis_pipeline.defs.resources.documents import ReadingResource
from aegis_pipeline.defs.resources.gates import GateResource
from aegis_pipeline.defs.resources.models import (
    DeduplicatorResource,
    EncoderResource,
    GpuDeviceResource,
    NerModelResource,
    RelationExtractorResource,
)
from aegis_pipeline.defs.resources.stores import DocumentLakeResource, GraphStoreResource
from aegis_pipeline.pipeline.stores import graph_root, lake_root
from aegis_pipeline.settings import Settings

__all__ = [
    "ArmsResource",
    "DeduplicatorResource",
    "DocumentLakeResource",
    "EncoderResource",
    "GateResource",
    "GpuDeviceResource",
    "GraphStoreResource",
    "LegacyResource",
    "NerModelResource",
    "ReadingResource",
    "RelationExtractorResource",
    "SettingsResource",
    "resources",
]


def resources(configured: Settings) -> dict[str, SettingsResource]:
    """Every resource by its key, with the settings as defaults."""
    return {
        "document_lake": as_set(DocumentLakeResource, configured, root=lake_root(configured)),
        "reading": as_set(ReadingResource, configured),
        "gpu_device": as_set(GpuDeviceResource, configured),
        "encoder": as_set(EncoderResource, configured),
        "ner_model": as_set(NerModelResource, configured),
        "deduplicator": as_set(DeduplicatorResource, configured),
        "relation_extractor": as_set(RelationExtractorResource, configured),
        "graph_store": as_set(GraphStoreResource, configured, root=str(graph_root(configured))),
        "arms": as_set(ArmsResource, configured),
        "legacy": as_set(LegacyResource, configured),
        "gate": as_set(GateResource, configured),
    }
