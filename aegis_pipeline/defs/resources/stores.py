"""The document lake and the graph."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from aegis_pipeline.defs.resources.base import SettingsResource, setting
from aegis_pipeline.defs.run_locks import holding_run_lock, lock_folder
from aegis_pipeline.graph import GraphStore
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import Encoder
from aegis_pipeline.pipeline.stores import graph_store


class DocumentLakeResource(SettingsResource):
    """The document lake."""

    root: str = Field(description="Path or fsspec URL under which the tables of all batches lie.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["DocumentLakeResource"]:
        """Every step of a run needs the lake: from its first to its last the run holds its lock."""
        if context.run is None:  # a sensor's tick
            yield self
            return
        with holding_run_lock(lock_folder(self.settings), context.run.run_id):
            yield self

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
