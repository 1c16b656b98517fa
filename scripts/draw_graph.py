"""Draws a graph that `aegis graph --format json` wrote, as the SVG of the README.

    python scripts/draw_graph.py graph.json docs/images/graph.svg

Shown are the statements with a confidence of at least SURE, in the connected parts with at least four entities. An
arrow leads from head to tail; statements from the same one to the same other share it.
"""

import json
import math
import sys
from collections import defaultdict
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

SURE = 0.7
PART_MIN = 4
WIDTH, HEIGHT, MARGIN = 1600, 700, 90  # pixels: of the picture, of a part, and for the names at its sides
Arrows = dict[tuple[str, str], set[str]]  # the predicates from a head to a tail
COLOURS = {
    "person": "#d1495b",
    "organization": "#2f6690",
    "place": "#3a7d44",
    "date": "#8a8d91",
    "product": "#b5651d",
    "group": "#c9a227",
    "other": "#6d597a",
}


def arrows(edges: list[dict[str, Any]]) -> Arrows:
    """What is shown of the graph."""
    shown: Arrows = defaultdict(set)
    for statement in chain.from_iterable(edge["statements"] for edge in edges):
        if statement["confidence"] >= SURE:
            shown[statement["head"], statement["tail"]].add(short(statement["predicate"]))
    return shown


def short(predicate: str) -> str:
    """As it is read; Wikidata's name of P131 is longer than most arrows."""
    return predicate.replace("_", " ").removesuffix(" the administrative territorial entity")


def layout(shown: Arrows) -> dict[str, tuple[float, float]]:
    """Places in pixels: each connected part in a box of its own, the boxes side by side. Same graph, same picture."""
    network = nx.Graph(sorted(shown))
    large = (part for part in nx.connected_components(network) if len(part) >= PART_MIN)
    parts = sorted(large, key=lambda part: (-len(part), min(part)))
    unit = (WIDTH - 2 * MARGIN * len(parts)) / sum(len(part) ** 0.5 for part in parts)
    places: dict[str, tuple[float, float]] = {}
    left = 0.0
    for part in parts:
        width, height = unit * len(part) ** 0.5, min(HEIGHT, unit * len(part) ** 0.5)
        # A graph of its own: the nodes of a subgraph come in the order of a set, another in each process.
        found = nx.kamada_kawai_layout(nx.Graph(edge for edge in sorted(shown) if edge[0] in part))
        positions = np.array(list(found.values()))
        stretched = (positions - positions.min(axis=0)) / np.ptp(positions, axis=0)
        for node, (x, y) in zip(found, stretched, strict=True):
            places[node] = (left + MARGIN + width * x, MARGIN / 2 + height * y)
        left += width + 2 * MARGIN
    return places


def arrow(start: tuple[float, float], end: tuple[float, float], predicates: set[str]) -> str:
    """A line from head to tail with its predicates in the middle, one below the other."""
    (x1, y1), (x2, y2) = start, end
    shorten = 12 / max(math.dist(start, end), 1)
    end_x, end_y = x2 + (x1 - x2) * shorten, y2 + (y1 - y2) * shorten
    lines = [
        f'<text x="{(x1 + x2) / 2:.0f}" y="{(y1 + y2) / 2 + 12 * row:.0f}" class="p">{escape(predicate)}</text>'
        for row, predicate in enumerate(sorted(predicates))
    ]
    line = f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{end_x:.0f}" y2="{end_y:.0f}" class="e" marker-end="url(#a)"/>'
    return line + "".join(lines)


def dot(kind: str, place: tuple[float, float]) -> str:
    """A node."""
    x, y = place
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="8" fill="{COLOURS[kind]}"/>'


def name(key: str, place: tuple[float, float]) -> str:
    """What it is called, above it."""
    x, y = place
    return f'<text x="{x:.0f}" y="{y - 13:.0f}" class="n">{escape(key)}</text>'


def legend(height: float, shown: set[str]) -> list[str]:
    """What the colours mean."""
    kinds = [(kind, colour) for kind, colour in COLOURS.items() if kind in shown]
    return [
        f'<circle cx="{30 + 130 * i}" cy="{height - 22:.0f}" r="8" fill="{colour}"/>'
        f'<text x="{44 + 130 * i}" y="{height - 17:.0f}" class="l">{kind}</text>'
        for i, (kind, colour) in enumerate(kinds)
    ]


def draw(graph: dict[str, Any]) -> str:
    """The whole SVG."""
    shown = arrows(graph["edges"])
    places = layout(shown)
    types = {node["key"]: node["type"] for node in graph["nodes"]}
    kinds = {key: types[key] if types[key] in COLOURS else "other" for key in places}
    style = (
        "text{font-family:sans-serif}.n{font-size:14px;text-anchor:middle}.p{font-size:10px;fill:#555;"
        "text-anchor:middle}text{paint-order:stroke;stroke:white;stroke-width:3px}.e{stroke:#b9bec5;stroke-width:1.5}"
        ".l{font-size:14px}"
    )
    head = '<defs><marker id="a" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto">'
    head += '<path d="M0,0 L6,3 L0,6 z" fill="#8a8d91"/></marker></defs>'
    body = [arrow(places[head], places[tail], names) for (head, tail), names in shown.items() if head in places]
    body += [name(key, place) for key, place in places.items()]
    body += [dot(kinds[key], place) for key, place in places.items()]
    height = max(y for _, y in places.values()) + 90
    colours = legend(height, set(kinds.values()))
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{style}</style>", head]
    return "\n".join([*lines, '<rect width="100%" height="100%" fill="white"/>', *body, *colours, "</svg>", ""])


if __name__ == "__main__":
    source, target = (Path(name) for name in sys.argv[1:3])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draw(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
