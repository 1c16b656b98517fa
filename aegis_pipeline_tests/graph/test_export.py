"""The graph as files."""

import json
from pathlib import Path

import networkx as nx
import pytest

from aegis_pipeline.graph import EmbeddedGraphStore, export
from aegis_pipeline.graph.statements import decode
from aegis_pipeline.graph.store import Graph
from aegis_pipeline.records import ExportFormat
from aegis_pipeline_tests.graph.worlds import batch

NODE_FIELDS = {"key", "name", "type", "aliases", "description", "chunks", "documents"}
EDGE_FIELDS = {"source", "target", "weight", "keywords", "description", "statements"}


@pytest.fixture
def graph(store: EmbeddedGraphStore) -> Graph:
    store.write(batch("b", {"a ü.txt": 'Lyons employs EDSAC. EDSAC founded "Ferranti" & Cambridge <SEP>.'}))
    return store.graph()


def test_export_graphml_is_read_by_networkx(graph: Graph, tmp_path: Path) -> None:
    export(graph, ExportFormat.GRAPHML, tmp_path / "graph.graphml")
    read = nx.read_graphml(tmp_path / "graph.graphml")
    assert set(read.nodes) == graph.nodes.keys()
    assert {tuple(sorted(edge)) for edge in read.edges} == graph.edges.keys()
    for key, node in graph.nodes.items():
        assert read.nodes[key] == {name: value for name, value in node.items() if name != "id"}
    for pair, edge in graph.edges.items():
        assert decode(read.edges[pair]["statements"]) == decode(edge["statements"]) != []


def test_export_json_has_the_documented_fields(graph: Graph, tmp_path: Path) -> None:
    export(graph, ExportFormat.JSON, tmp_path / "graph.json")
    read = json.loads((tmp_path / "graph.json").read_text(encoding="utf-8"))
    assert {frozenset(node) for node in read["nodes"]} == {frozenset(NODE_FIELDS)}
    assert {frozenset(edge) for edge in read["edges"]} == {frozenset(EDGE_FIELDS)}
    lyons = next(node for node in read["nodes"] if node["key"] == "Lyons")
    assert (lyons["name"], lyons["type"], lyons["aliases"]) == ("Lyons", "organization", ["LYONS!"])
    assert lyons["documents"] == ["b%2Fa%20%C3%BC.txt"]
    edge = next(edge for edge in read["edges"] if edge["target"] == "Lyons")
    (statement,) = edge["statements"]
    assert (statement["head"], statement["predicate"], statement["tail"]) == ("Lyons", "employer", "EDSAC")
    assert statement["evidence"] == "Lyons employs EDSAC."


@pytest.mark.parametrize("format_", ExportFormat)
def test_export_does_not_depend_on_order(graph: Graph, tmp_path: Path, format_: ExportFormat) -> None:
    turned = Graph(dict(reversed(graph.nodes.items())), dict(reversed(graph.edges.items())))
    export(graph, format_, tmp_path / "one")
    export(turned, format_, tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_export_of_nothing(tmp_path: Path) -> None:
    export(Graph(), ExportFormat.JSON, tmp_path / "graph.json")
    assert json.loads((tmp_path / "graph.json").read_text()) == {"nodes": [], "edges": []}
