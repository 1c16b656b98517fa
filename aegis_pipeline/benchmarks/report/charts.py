"""The report's pictures, as SVG: bars, each with a part for every phase."""

from collections.abc import Iterator, Mapping
from html import escape

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Cell, Figures

_WIDTH, _ROW, _LEFT, _BAR, _SHOWN = 960, 26, 330, 480, 90  # pixels: picture, row, names, longest bar, figures
_COLOURS = {
    "documents": "#8a8d91",
    "chunks": "#cfd3d8",
    "mentions": "#d1495b",
    "entities": "#edae49",
    "relations": "#3a7d44",
    "graph": "#2f6690",
    "lightrag": "#6b4c9a",
}
_STYLE = "text{font-family:sans-serif;font-size:14px}.t{font-weight:bold}.n{text-anchor:end}"

Bars = Mapping[str, Mapping[str, float]]


def charts(results: BenchmarkResults) -> dict[str, str]:
    """SVG by the file's name: seconds a document of each cell, and how they grow with the number of documents."""
    measured = [(cell, cell.figures) for cell in results.cells if cell.figures]
    usual = {_name(cell): _a_document(figures) for cell, figures in measured if not _scale(cell)}
    growing = sorted(
        (pair for pair in measured if _scale(pair[0])), key=lambda pair: (pair[0].variant, _scale(pair[0]))
    )
    found = {
        "benchmark-phases.svg": ("Seconds a document, by phase", usual),
        "benchmark-growth.svg": (
            "Seconds a document, as a batch grows",
            {_name(cell): _a_document(figures) for cell, figures in growing},
        ),
    }
    return {name: _bars(title, bars) for name, (title, bars) in found.items() if bars}


def _name(cell: Cell) -> str:
    return f"{cell.variant}, {cell.scenario}"


def _scale(cell: Cell) -> int:
    """The number of documents of a point of the growth curve; 0 for any other scenario."""
    prefix, _, count = cell.scenario.partition("_")
    return int(count) if prefix == "scale" else 0


def _a_document(figures: Figures) -> dict[str, float]:
    return {name: cost.wall_seconds.median / figures.documents for name, cost in figures.phases.items()}


def _bars(title: str, bars: Bars) -> str:
    longest = max(sum(parts.values()) for parts in bars.values()) or 1.0
    phases = list(dict.fromkeys(phase for parts in bars.values() for phase in parts))
    body = [*_legend(phases), f'<text x="20" y="66" class="t">{escape(title)}</text>']
    for row, (name, parts) in enumerate(bars.items()):
        body += _bar(80 + row * _ROW, name, parts, _BAR / longest)
    height = 96 + len(bars) * _ROW
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{_STYLE}</style>"]
    return "\n".join([*head, '<rect width="100%" height="100%" fill="white"/>', *body, "</svg>", ""])


def _bar(y: int, name: str, parts: Mapping[str, float], scale: float) -> Iterator[str]:
    yield f'<text x="{_LEFT - 10}" y="{y + 14}" class="n">{escape(name)}</text>'
    x = float(_LEFT)
    for phase, seconds in parts.items():
        width = seconds * scale
        yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" fill="{_COLOURS[phase]}"/>'
        x += width
    yield f'<text x="{x + 8:.1f}" y="{y + 14}">{sum(parts.values()):.3f} s</text>'


def _legend(phases: list[str]) -> Iterator[str]:
    for place, phase in enumerate(phases):
        x = 20 + place * 120
        yield f'<rect x="{x}" y="18" width="14" height="14" fill="{_COLOURS[phase]}"/>'
        yield f'<text x="{x + 20}" y="30">{phase}</text>'
