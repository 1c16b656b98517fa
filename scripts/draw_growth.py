"""Draws docs/results/growth.json: what a document costs as a batch grows, and what one change costs.

python scripts/draw_growth.py docs/results/growth.json docs/images/growth.svg
"""

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

WIDTH, ROW, LEFT, BAR = 900, 26, 230, 480  # pixels: the picture, a row, the room for names, the longest bar
SHARE_MAX = 0.05  # of the first run: what a change may cost
PARTS = {
    "documents": ("#8a8d91", ("raw_documents",)),
    "mentions": ("#d1495b", ("ner_entities",)),
    "entities": ("#edae49", ("deduplicated_entities",)),
    "relations": ("#3a7d44", ("relations",)),
    "graph": ("#2f6690", ("knowledge_graph",)),
}
OTHER = ("gates and Dagster", "#cfd3d8")


def draw(source: Path, target: Path) -> None:
    """The picture of the results in ``source``, as SVG in ``target``."""
    growth = json.loads(source.read_text(encoding="utf-8"))
    largest = list(growth["first run"])[-1]
    first = {f"{size} documents": run for size, run in growth["first run"].items()}
    after = growth[f"then, with {largest} documents"]
    per_document = {name: _parts(run, int(name.split()[0])) for name, run in first.items()}
    whole = growth["first run"][largest]["seconds"]["all"]
    shares = {name: _parts(run, whole) for name, run in after.items()}
    body = [*_legend(24), *_chart("Seconds a document, first run", per_document, 70, None)]
    top = 70 + (len(first) + 3) * ROW
    body += _chart(f"Share of the first run of {largest} documents", shares, top, SHARE_MAX)
    height = top + (len(after) + 2) * ROW
    style = "text{font-family:sans-serif;font-size:14px}.t{font-weight:bold}.n{text-anchor:end}"
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{style}</style>"]
    lines += ['<rect width="100%" height="100%" fill="white"/>', *body, "</svg>", ""]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines), encoding="utf-8")


def _parts(run: dict[str, Any], over: float) -> list[tuple[float, str]]:
    """The parts of a bar, each with its colour; seconds are divided by ``over``."""
    seconds = run["seconds"]
    parts = [(sum(seconds[step] for step in steps), colour) for colour, steps in PARTS.values()]
    parts.append((seconds["all"] - sum(part for part, _ in parts), OTHER[1]))
    return [(part / over, colour) for part, colour in parts]


def _chart(title: str, bars: dict[str, list[tuple[float, str]]], top: int, limit: float | None) -> list[str]:
    """A bar for each name; ``limit`` is a line that none should cross."""
    longest = max([*(sum(part for part, _ in bar) for bar in bars.values()), limit or 0.0])
    scale = BAR / longest
    lines = [f'<text x="20" y="{top}" class="t">{escape(title)}</text>']
    for row, (name, bar) in enumerate(bars.items()):
        y, x = top + 14 + row * ROW, float(LEFT)
        lines.append(f'<text x="{LEFT - 10}" y="{y + 14}" class="n">{escape(name)}</text>')
        for part, colour in bar:
            lines.append(f'<rect x="{x:.1f}" y="{y}" width="{part * scale:.1f}" height="{ROW - 8}" fill="{colour}"/>')
            x += part * scale
        lines.append(f'<text x="{x + 8:.0f}" y="{y + 14}">{sum(part for part, _ in bar):.3f}</text>')
    if limit is not None:
        x, bottom = LEFT + limit * scale, top + 14 + len(bars) * ROW
        lines.append(f'<line x1="{x:.0f}" y1="{top + 8}" x2="{x:.0f}" y2="{bottom}" stroke="#d1495b"/>')
        lines.append(f'<text x="{x:.0f}" y="{bottom + 16}" class="n">at most {limit}</text>')
    return lines


def _legend(y: int) -> list[str]:
    names = [*((name, colour) for name, (colour, _) in PARTS.items()), OTHER]
    return [
        f'<rect x="{20 + 125 * place}" y="{y - 11}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{38 + 125 * place}" y="{y}">{name}</text>'
        for place, (name, colour) in enumerate(names)
    ]


if __name__ == "__main__":
    draw(*(Path(name) for name in sys.argv[1:3]))
