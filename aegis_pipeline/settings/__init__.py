"""Every setting, once, a file for each subject: from the environment or a ``.env`` file in the working directory.

The environment variable is the field's name in capitals. ``docs/settings.md`` is made from these files.
"""

from aegis_pipeline.settings.choices import (
    ExtractionPipeline,
    GraphStorage,
    KeepModels,
    LegacyServer,
    LogFormat,
    LogLevel,
    NerBackend,
    Profile,
    RelationBackend,
    RelationFallback,
    RowStorage,
    Storages,
)
from aegis_pipeline.settings.settings import Settings, describe, settings

__all__ = [
    "ExtractionPipeline",
    "GraphStorage",
    "KeepModels",
    "LegacyServer",
    "LogFormat",
    "LogLevel",
    "NerBackend",
    "Profile",
    "RelationBackend",
    "RelationFallback",
    "RowStorage",
    "Settings",
    "Storages",
    "describe",
    "settings",
]
