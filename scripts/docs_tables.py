"""Results as tables in Markdown: what every page that is made from docs/results shares."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = "<!-- Made by scripts/build_docs.py: edit the code, then run `make docs`. -->"
IDENTITY_ROWS = {
    "pairwise": "identity, pairs",
    "b3": "identity, B-cubed",
    "merges_beyond_key": "identity, pairs of other names",
}
MENTION_ROWS = {"ner_span": "mentions, span", "ner_typed": "mentions, span and type", **IDENTITY_ROWS}
RELATION_ROWS = {"rel_soft": "relations", "rel_strict": "relations, strict", "rel_pair": "related pairs"}


def result(name: str) -> dict[str, Any]:
    """A file of docs/results."""
    found: dict[str, Any] = json.loads((DOCS / "results" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def figures(columns: Mapping[str, Any], rows: Mapping[str, str]) -> str:
    """P, R, F1 and counts: a row for each figure that a column has; ``rows`` maps the name of a figure to its title."""
    lines = ["| | | P | R | F1 | tp / fp / fn |", "|---|---|--:|--:|--:|--:|"]
    for title, column in columns.items():
        for key, name in rows.items():
            found = column.get(key, {})
            if "p" in found:
                counts = " / ".join(str(found[n]) for n in ("tp", "fp", "fn") if n in found)
                lines.append(
                    f"| {title} | {name} | {found['p']} | {found.get('r', '')} | {found.get('f1', '')} | {counts} |"
                )
    return "\n".join(lines)


def table(head: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> str:
    """A table in Markdown; all columns but the first are numbers."""
    lines = [list(head), ["---", *["--:"] * (len(head) - 1)], *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
