"""LightRAG's GraphML file, read and written in a third of NetworkX's time: the same format, and NetworkX reads it."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import networkx as nx
from lxml import etree

_NS = "{http://graphml.graphdrawing.org/xmlns}"
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
    'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
_TYPES: dict[type, str] = {str: "string", int: "long", float: "double", bool: "boolean"}
_READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda word: word.strip().lower() in ("true", "1"),
}
_TO_ESCAPE = re.compile(r"[&<>\r]")
_RETURN = {"\r": "&#13;"}  # XML reads a bare carriage return as a newline


def read_graphml(path: Path) -> nx.Graph:
    """The undirected graph in ``path``; keys are strings."""
    root: Any = etree.parse(path, etree.XMLParser(huge_tree=True)).getroot()
    names = {
        key.get("id"): (key.get("attr.name"), _READERS[key.get("attr.type")]) for key in root.iterfind(f"{_NS}key")
    }
    graph = nx.Graph()
    for element in root.find(f"{_NS}graph"):
        properties: dict[str, Any] = {}
        for data in element:
            name, read = names[data.get("key")]
            properties[name] = read(data.text or "")
        if element.tag == f"{_NS}node":
            graph.add_node(element.get("id"), **properties)
        else:
            graph.add_edge(element.get("source"), element.get("target"), **properties)
    return graph


def write_graphml(graph: nx.Graph, path: Path) -> None:
    """Write ``graph``, whose properties are strings, numbers and truth values, to ``path``."""
    ids: dict[tuple[str, str, type], str] = {}
    lines = [f"<node id={quoteattr(key)}>{_data('node', node, ids)}</node>" for key, node in graph.nodes(data=True)]
    lines += [
        f"<edge source={quoteattr(first)} target={quoteattr(second)}>{_data('edge', edge, ids)}</edge>"
        for first, second, edge in graph.edges(data=True)
    ]
    body = "\n".join([*_keys(ids), '<graph edgedefault="undirected">', *lines, "</graph>", "</graphml>", ""])
    path.write_text(_HEAD + body, encoding="utf-8")


def _data(kind: str, properties: Mapping[str, Any], ids: dict[tuple[str, str, type], str]) -> str:
    """The properties of one node or edge; ``ids`` grows by the kinds of property that are new."""
    return "".join(
        f'<data key="{ids.setdefault((kind, name, type(value)), f"d{len(ids)}")}">{_escaped(str(value))}</data>'
        for name, value in properties.items()
    )


def _escaped(text: str) -> str:
    """Most texts have nothing to escape, and looking is faster than four replacements."""
    return escape(text, _RETURN) if _TO_ESCAPE.search(text) else text


def _keys(ids: Mapping[tuple[str, str, type], str]) -> Iterator[str]:
    for (kind, name, type_), key in ids.items():
        yield f'<key id="{key}" for="{kind}" attr.name={quoteattr(name)} attr.type="{_TYPES[type_]}"/>'
