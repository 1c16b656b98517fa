"""Draws docs/results/reader.json: precision over recall as less sure statements are kept, and what confidences mean.

python scripts/draw_reader.py docs/results/reader.json docs/images/reader.svg
"""

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, SIDE, TOP, LEFT, APART = 900, 430, 320, 50, 70, 440  # pixels; SIDE of each of the two squares
LINE, MARK, GREY = "#2f6690", "#d1495b", "#8a8d91"
STYLE = "text{font-family:sans-serif;font-size:13px}.t{font-weight:bold}.n{text-anchor:end}.m{text-anchor:middle}"

Point = tuple[float, float]


def draw(source: Path, target: Path) -> None:
    """The picture of the results in ``source``, as SVG in ``target``."""
    result = json.loads(source.read_text(encoding="utf-8"))
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    body = [*_precision(result), *_calibration(result["calibration"])]
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{STYLE}</style>"]
    lines += ['<rect width="100%" height="100%" fill="white"/>', *body, "</svg>", ""]
    target.write_text("\n".join(lines), encoding="utf-8")


def _precision(result: dict[str, Any]) -> list[str]:
    """The curve, and the two confidences at which the project cuts it; the grey line is the recall that the mentions
    allow."""
    marks = {
        f"F1 point, {result['decision']:.2f}": result["at the F1 point"]["rel_soft"],
        f"the graph, {result['least confidence']:g}": result["in the graph"]["rel_soft"],
    }
    title = f"Relations of Re-DocRED dev {result['documents']}"
    lines = _axes(LEFT, title, "recall", "precision")
    lines.append(_path(LEFT, [(result["ceiling"], 0), (result["ceiling"], 1)], GREY))
    lines.append(_path(LEFT, [(point["r"], point["p"]) for point in result["curve"]], LINE))
    for name, found in marks.items():
        x, y = _place(LEFT, (found["r"], found["p"]))
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{MARK}"/>')
        for below, text in ((-8, name), (8, f"P {found['p']:.2f}, R {found['r']:.2f}")):
            lines.append(f'<text x="{x + 12:.0f}" y="{y + below:.0f}">{escape(text)}</text>')
    return lines


def _calibration(bands: list[dict[str, float]]) -> list[str]:
    """How often statements of about one confidence are right; the grey line is where both are the same."""
    left = LEFT + APART
    lines = _axes(left, "What a confidence means", "mean confidence", "share that is right")
    lines.append(_path(left, [(0, 0), (1, 1)], GREY))
    for x, y in (_place(left, (band["mean"], band["right"])) for band in bands):
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"/>')
    return lines


def _axes(left: int, title: str, across: str, up: str) -> list[str]:
    """A square from 0 to 1 both ways, with a tick every fifth."""
    bottom, middle = TOP + SIDE, TOP + SIDE / 2
    lines = [
        f'<text x="{left}" y="{TOP - 18}" class="t">{escape(title)}</text>',
        f'<rect x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{GREY}"/>',
        f'<text x="{left + SIDE / 2:.0f}" y="{bottom + 40}" class="m">{escape(across)}</text>',
        f'<text transform="translate({left - 42} {middle:.0f}) rotate(-90)" class="m">{escape(up)}</text>',
    ]
    for tick in (k / 5 for k in range(6)):
        x, y = _place(left, (tick, tick))
        lines.append(f'<text x="{x:.0f}" y="{bottom + 18}" class="m">{tick:g}</text>')
        lines.append(f'<text x="{left - 8}" y="{y + 4:.0f}" class="n">{tick:g}</text>')
    return lines


def _path(left: int, points: list[Point], colour: str) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(left, point) for point in points))
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _place(left: int, point: Point) -> Point:
    return left + point[0] * SIDE, TOP + (1 - point[1]) * SIDE


if __name__ == "__main__":
    draw(*(Path(name) for name in sys.argv[1:3]))
