"""The graph as a file for other tools: GraphML, or JSON with the statements spelled out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx

from aegis_pipeline.graph import statements
from aegis_pipeline.graph.descriptions import split
from aegis_pipeline.graph.store import Graph
from aegis_pipeline.records import ExportFormat


def export(graph: Graph, format_: ExportFormat, path: Path) -> None:
    """Write ``graph`` to ``path``, in an order that depends on the graph alone."""
    _WRITERS[format_](graph, path)


def _write_graphml(graph: Graph, path: Path) -> None:
    """Undirected, as LightRAG's own file; ``statements`` and ``aliases`` are JSON in a property."""
    network = nx.Graph()
    for key, node in sorted(graph.nodes.items()):
        network.add_node(key, **{name: value for name, value in node.items() if name != "id"})
    for pair, edge in sorted(graph.edges.items()):
        network.add_edge(*pair, **edge)
    nx.write_graphml(network, path)


def _write_json(graph: Graph, path: Path) -> None:
    """``nodes`` and ``edges``; an edge's statements are objects with direction, evidence and confidence."""
    nodes = [_json_node(key, node) for key, node in sorted(graph.nodes.items())]
    edges = [_json_edge(pair, edge) for pair, edge in sorted(graph.edges.items())]
    text = json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8")


def _json_node(key: str, node: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key,
        "name": node["name"],
        "type": node["entity_type"],
        "aliases": json.loads(node["aliases"]),
        "description": split(node["description"]),
        "chunks": split(node["source_id"]),
        "documents": split(node["file_path"]),
    }


def _json_edge(pair: statements.Pair, edge: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": pair[0],
        "target": pair[1],
        "weight": edge["weight"],
        "keywords": edge["keywords"].split(","),
        "description": split(edge["description"]),
        "statements": [s.as_dict() for s in statements.decode(edge.get(statements.PROPERTY))],
    }


_WRITERS: dict[ExportFormat, Callable[[Graph, Path], None]] = {
    ExportFormat.GRAPHML: _write_graphml,
    ExportFormat.JSON: _write_json,
}
