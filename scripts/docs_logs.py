"""The table of the log's events, from ``events.py`` and the calls that log them."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from aegis_pipeline.events import Event

PACKAGE = Path(__file__).resolve().parent.parent / "aegis_pipeline"
LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True, slots=True)
class LogCall:
    """One call of a module's ``_log``: which event, at which level, with which fields, and where it stands.

    ``event`` is None where the call names none, and a field is ``**`` where the call has fields by another's name.
    """

    event: str | None
    level: str
    fields: tuple[str, ...]
    where: str


def log_calls(package: Path = PACKAGE) -> Iterator[LogCall]:
    """Every call of a log in the package."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="_log"), attr=level), args=args, keywords=keywords):
                    fields = tuple(keyword.arg or "**" for keyword in keywords)
                    yield LogCall(_event(args), level, fields, f"{path.relative_to(package)}:{node.lineno}")


def _event(args: list[ast.expr]) -> str | None:
    match args:
        case [ast.Attribute(value=ast.Name(id="Event"), attr=name)]:
            return name
    return None


def meanings() -> dict[str, str]:
    """What is said below each name in ``events.py``."""
    tree = ast.parse((PACKAGE / "events.py").read_text(encoding="utf-8"))
    (body,) = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    said = {}
    for member, text in pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name) and isinstance(text, ast.Expr):
            said[member.targets[0].id] = " ".join(str(ast.literal_eval(text.value)).split())
    return said


def events_table() -> str:
    """A row for each event: its name, its levels, its fields, what it says."""
    levels: dict[str, set[str]] = defaultdict(set)
    fields: dict[str, dict[str, None]] = defaultdict(dict)
    for call in log_calls():
        levels[str(call.event)].add(call.level)
        fields[str(call.event)].update(dict.fromkeys(call.fields))
    said = meanings()
    rows = [
        f"| `{event.value}` | {', '.join(sorted(levels[event.name], key=LEVELS.index))} "
        f"| {', '.join(f'`{name}`' for name in fields[event.name])} | {said[event.name]} |"
        for event in Event
    ]
    return "\n".join(["| event | level | fields | |", "|---|---|---|---|", *rows])
