"""AEGIS Pipeline: a folder of documents becomes a knowledge graph that people can trust.

The public names. Each is imported when it is first asked for: the children that parse documents import this package
too, and must stay small.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aegis_pipeline.version import VERSION

if TYPE_CHECKING:
    from aegis_pipeline.graph import Answer, map_to_lightrag_format
    from aegis_pipeline.models.gpu_costs import calculate_optimal_batch_size
    from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
    from aegis_pipeline.pipeline.factory import ExtractionPipelineFactory
    from aegis_pipeline.pipeline.wrapper import LightRAGWrapper
    from aegis_pipeline.settings import Settings

__version__ = VERSION

__all__ = [
    "Answer",
    "Extraction",
    "ExtractionPipelineFactory",
    "LightRAGWrapper",
    "Settings",
    "ThreePhaseExtractor",
    "calculate_optimal_batch_size",
    "map_to_lightrag_format",
]

_HOMES = {
    "Answer": "aegis_pipeline.graph",
    "Extraction": "aegis_pipeline.pipeline.extraction",
    "ExtractionPipelineFactory": "aegis_pipeline.pipeline.factory",
    "LightRAGWrapper": "aegis_pipeline.pipeline.wrapper",
    "Settings": "aegis_pipeline.settings",
    "ThreePhaseExtractor": "aegis_pipeline.pipeline.extraction",
    "calculate_optimal_batch_size": "aegis_pipeline.models.gpu_costs",
    "map_to_lightrag_format": "aegis_pipeline.graph",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; public are {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)
