"""Draws a graph that `aegis graph --format json` wrote, as the SVG of the README.

    python scripts/draw_graph.py graph.json docs/images/graph.svg

Shown are the connected parts with at least four entities; an arrow is a statement, from head to tail.
"""

import json
import math
import sys
from html import escape
from pathlib import Path
from typing import Any

import networkx as nx

PART_MIN = 4
WIDTH, BOX = 1600, 150  # pixels: of the picture, and of a part with one entity
COLOURS = {
    "person": "#d1495b",
    "organization": "#2f6690",
    "place": "#3a7d44",
    "date": "#8a8d91",
    "product": "#b5651d",
    "group": "#3a7d44",
}
OTHER = "#6d597a"


def layout(edges: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Places in pixels: each connected part in a box of its own, the boxes in rows. Same graph, same picture."""
    network = nx.Graph((edge["source"], edge["target"]) for edge in edges)
    large = (part for part in nx.connected_components(network) if len(part) >= PART_MIN)
    parts = sorted(large, key=lambda part: (-len(part), min(part)))
    places: dict[str, tuple[float, float]] = {}
    left, top, row = 0.0, 0.0, 0.0
    for part in parts:
        width, height = BOX * len(part) ** 0.6, 0.6 * BOX * len(part) ** 0.75
        if left + width > WIDTH:
            left, top, row = 0.0, top + row, 0.0
        for node, (x, y) in nx.kamada_kawai_layout(network.subgraph(sorted(part))).items():
            places[node] = (left + width * (0.5 + 0.36 * x), top + height * (0.5 + 0.34 * y) + 20)
        left, row = left + width, max(row, height)
    return places


def arrow(statement: dict[str, Any], places: dict[str, tuple[float, float]]) -> str:
    """A line from head to tail with its predicate in the middle."""
    (x1, y1), (x2, y2) = places[statement["head"]], places[statement["tail"]]
    shorten = 12 / max(math.dist((x1, y1), (x2, y2)), 1)
    end_x, end_y = x2 + (x1 - x2) * shorten, y2 + (y1 - y2) * shorten
    label = escape(statement["predicate"].replace("_", " "))
    return (
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{end_x:.0f}" y2="{end_y:.0f}" class="e" marker-end="url(#a)"/>'
        f'<text x="{(x1 + x2) / 2:.0f}" y="{(y1 + y2) / 2:.0f}" class="p">{label}</text>'
    )


def dot(key: str, kind: str, place: tuple[float, float]) -> str:
    """A node with its name."""
    x, y = place
    colour = COLOURS.get(kind, OTHER)
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="8" fill="{colour}"/>'
        f'<text x="{x:.0f}" y="{y - 13:.0f}" class="n">{escape(key)}</text>'
    )


def legend(height: float) -> list[str]:
    """What the colours mean."""
    kinds = [*COLOURS.items(), ("other", OTHER)]
    return [
        f'<circle cx="{30 + 130 * i}" cy="{height - 22:.0f}" r="8" fill="{colour}"/>'
        f'<text x="{44 + 130 * i}" y="{height - 17:.0f}" class="l">{kind}</text>'
        for i, (kind, colour) in enumerate(kinds)
    ]


def draw(graph: dict[str, Any]) -> str:
    """The whole SVG."""
    places = layout(graph["edges"])
    kinds = {node["key"]: node["type"] for node in graph["nodes"]}
    style = (
        "text{font-family:sans-serif}.n{font-size:14px;text-anchor:middle}.p{font-size:10px;fill:#555;"
        "text-anchor:middle}.e{stroke:#b9bec5;stroke-width:1.5}.l{font-size:14px}"
    )
    head = '<defs><marker id="a" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto">'
    head += '<path d="M0,0 L6,3 L0,6 z" fill="#8a8d91"/></marker></defs>'
    shown = [edge for edge in graph["edges"] if edge["source"] in places]
    body = [arrow(statement, places) for edge in shown for statement in edge["statements"]]
    body += [dot(key, kinds[key], place) for key, place in places.items()]
    height = max(y for _, y in places.values()) + 90
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{style}</style>", head]
    return "\n".join([*lines, '<rect width="100%" height="100%" fill="white"/>', *body, *legend(height), "</svg>", ""])


if __name__ == "__main__":
    source, target = (Path(name) for name in sys.argv[1:3])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draw(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
