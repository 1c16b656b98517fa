"""Entities and relations become a graph: contributions of batches, the store in files, questions, export."""

import aegis_pipeline.graph.quiet_import  # noqa: F401 - before anything that imports nano-vectordb

# isort: split
from aegis_pipeline.graph.answering import WrittenAnswer, write_answer
from aegis_pipeline.graph.changes import GraphChanges
from aegis_pipeline.graph.contributions import BatchContribution, DocumentContribution, contribute
from aegis_pipeline.graph.embedded import EmbeddedGraphStore
from aegis_pipeline.graph.export import export
from aegis_pipeline.graph.mapping import map_to_lightrag_format
from aegis_pipeline.graph.query import Answer, ask
from aegis_pipeline.graph.store import Graph, GraphCounts, GraphStore, WriteReport, expected_counts

__all__ = [
    "Answer",
    "BatchContribution",
    "DocumentContribution",
    "EmbeddedGraphStore",
    "Graph",
    "GraphChanges",
    "GraphCounts",
    "GraphStore",
    "WriteReport",
    "WrittenAnswer",
    "ask",
    "contribute",
    "expected_counts",
    "export",
    "map_to_lightrag_format",
    "write_answer",
]
