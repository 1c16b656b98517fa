"""Tables in Markdown."""

from collections.abc import Iterable
from typing import Any


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A row a line; whole numbers with commas between their thousands."""
    names = list(head)
    return "\n".join([_line(names), "|" + "---|" * len(names), *map(_line, rows)])


def _line(values: Iterable[Any]) -> str:
    return f"| {' | '.join(f'{value:,}' if isinstance(value, int) else str(value) for value in values)} |"
