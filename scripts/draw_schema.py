"""Draws the typed graph's schema as docs/graph-schema.md tells it in its two tables.

python scripts/draw_schema.py          writes docs/images/schema.svg
"""

import re
from collections import defaultdict
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, PICTURE = DOCS / "graph-schema.md", DOCS / "images" / "schema.svg"

WIDTH, HEIGHT, BOX, LINE, TOP = 1120, 330, 190, 18, 60  # pixels; TOP is where the boxes of the typed graph begin
LEFT = {"Document": 20, "Chunk": 340, "Entity": 660}
COLOURS = {"Document": "#8a8d91", "Chunk": "#3a7d44", "Entity": "#2f6690", "LightRAG": "#b5651d"}
LIGHTRAG = ["entity_id", "entity_type", "description", "…"]  # of what its nodes have
STYLE = (
    "text{font-family:sans-serif;font-size:13px}.t{font-weight:bold;fill:white;font-size:15px}.m{text-anchor:middle}"
    ".r{font-weight:bold;text-anchor:middle}.e{stroke:#444;stroke-width:1.5;fill:none}.d{stroke-dasharray:5 4}"
)
ARROW = (
    '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0L10 5L0 10z" fill="#444"/></marker></defs>'
)


def properties(page: str) -> dict[str, list[str]]:
    """Label or relationship type → its properties, in the order of the tables under Nodes and Relationships."""
    found: dict[str, list[str]] = defaultdict(list)
    for heading, column in (("Nodes", 1), ("Relationships", 2)):
        owner = ""
        for line in page.split(f"## {heading}\n")[1].split("\n## ")[0].splitlines():
            cells = line.split("|")[1:-1]
            if cells and (names := re.findall(r"`(\w+)`", cells[0])):
                owner = names[0]
            if owner and cells:
                found[owner] += re.findall(r"`(\w+)`", cells[column])
    return dict(found)


def picture(page: str) -> str:
    """The schema as SVG."""
    of = properties(page)
    body = [part for label in LEFT for part in _box(LEFT[label], TOP, label, of[label], COLOURS[label])]
    body += _box(950, TOP, "aegis", LIGHTRAG, COLOURS["LightRAG"])
    y = TOP + 50
    body += _arrow(LEFT["Document"] + BOX, LEFT["Chunk"], y, "HAS_CHUNK", of["HAS_CHUNK"])
    body += _arrow(LEFT["Chunk"] + BOX, LEFT["Entity"], y, "MENTIONS", of["MENTIONS"])
    return "\n".join([*_frame(), *body, *_loop(of["EDUCATED_AT"]), *_same(), "</svg>", ""])


def _frame() -> list[str]:
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return [head, f"<style>{STYLE}</style>", ARROW, '<rect width="100%" height="100%" fill="white"/>']


def _box(x: int, y: int, label: str, lines: list[str], colour: str) -> list[str]:
    """A node: its label above its properties."""
    width = BOX if label in LEFT else 150
    height = 30 + LINE * len(lines) + 8
    title = f":{label}:Person …" if label == "Entity" else f":{label}"
    return [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="white" stroke="{colour}"/>',
        f'<rect x="{x}" y="{y}" width="{width}" height="28" rx="6" fill="{colour}"/>',
        f'<text x="{x + 12}" y="{y + 19}" class="t">{escape(title)}</text>',
        *(f'<text x="{x + 12}" y="{y + 46 + LINE * k}">{escape(line)}</text>' for k, line in enumerate(lines)),
    ]


def _arrow(start: int, end: int, y: int, type_: str, names: list[str]) -> list[str]:
    """A relationship: its type above the arrow, its properties below."""
    middle = (start + end) // 2
    return [
        f'<path d="M{start} {y}H{end}" class="e" marker-end="url(#a)"/>',
        f'<text x="{middle}" y="{y - 8}" class="r">{type_}</text>',
        *(f'<text x="{middle}" y="{y + 18 + LINE * k}" class="m">{name}</text>' for k, name in enumerate(names)),
    ]


def _loop(names: list[str]) -> list[str]:
    """A statement, from an entity to another, with its properties below."""
    left, bottom = LEFT["Entity"], TOP + 30 + LINE * 6 + 8
    half = (len(names) + 1) // 2
    lines = ["EDUCATED_AT, EMPLOYER, … one for each statement", ", ".join(names[:half]), ", ".join(names[half:])]
    return [
        f'<path d="M{left + 60} {bottom}v40h70v-40" class="e" marker-end="url(#a)"/>',
        f'<text x="{left + 95}" y="{bottom + 62}" class="r">{lines[0]}</text>',
        *(
            f'<text x="{left + 95}" y="{bottom + 82 + LINE * k}" class="m">{line}</text>'
            for k, line in enumerate(lines[1:])
        ),
    ]


def _same() -> list[str]:
    """What an entity has in common with LightRAG's node: no relationship, a property."""
    start, y = LEFT["Entity"] + BOX, TOP + 42
    return [
        f'<path d="M{start} {y}H950" class="e d"/>',
        f'<text x="{(start + 950) // 2}" y="{y - 8}" class="m">same</text>',
        f'<text x="{(start + 950) // 2}" y="{y + 18}" class="m">entity_id</text>',
        '<text x="20" y="34" class="r" style="text-anchor:start">The typed graph</text>',
        '<text x="950" y="34" class="r" style="text-anchor:start">LightRAG\'s: the workspace</text>',
    ]


if __name__ == "__main__":
    PICTURE.write_text(picture(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
