"""The document lake and the graph."""

from contextlib import closing
from pathlib import Path

from pydantic import Field

from aegis_pipeline.defs.resources.base import SettingsResource, setting
from aegis_pipeline.graph import GraphStore
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import Encoder
from aegis_pipeline.pipeline.stores import graph_store


class DocumentLakeResource(SettingsResource):
    """The document lake."""

    root: str = Field(description="Path or fsspec URL under which the tables of all batches lie.")

    def lake(self) -> DocumentLake:
        """The lake under ``root``."""
        return DocumentLake(self.root)


class GraphStoreResource(SettingsResource):
    """The knowledge graph."""

    root: str = Field(description="Folder of the embedded graph; beside it lies what a graph in servers has in files.")
    extraction_batch_size: int = setting("extraction_batch_size")

    def store(self, encoder: Encoder) -> closing[GraphStore]:
        """The store at ``root`` or in the servers of the settings, vectors by ``encoder``; closed after its use."""
        return closing(graph_store(self.settings, encoder, Path(self.root)))
