"""What is asked of the graph, and the formats that it is written in."""

from enum import StrEnum


class QueryMode(StrEnum):
    """LightRAG's five ways to retrieve."""

    LOCAL = "local"
    GLOBAL = "global"
    HYBRID = "hybrid"
    MIX = "mix"
    NAIVE = "naive"


class ExportFormat(StrEnum):
    """The formats that a graph is written in."""

    GRAPHML = "graphml"
    JSON = "json"
