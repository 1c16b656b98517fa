"""Writes the pages of docs/ that are made from the code: settings.md and cli.md.

python scripts/build_docs.py            write them
python scripts/build_docs.py --check    fail where one is not what the code says
"""

import argparse
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from typer import Context
from typer.cli import get_docs_for_click
from typer.main import get_command

from aegis_pipeline.cli.main import app
from aegis_pipeline.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = "<!-- Made by scripts/build_docs.py: edit the code, then run `make docs`. -->"


def settings_page() -> str:
    """A table row for each setting: variable, values, default, what it does."""
    rows = [_setting_row(name, field) for name, field in Settings.model_fields.items()]
    intro = (
        "Settings come from the environment, or from a file `.env` in the working directory; the environment wins. "
        "A wrong value ends the command with a message that names the valid ones."
    )
    table = ["| variable | values | default | |", "|---|---|---|---|", *rows]
    return "\n".join(["# Settings", "", MADE, "", intro, "", *table, ""])


def _setting_row(name: str, field: FieldInfo) -> str:
    default = field.default.value if isinstance(field.default, Enum) else field.default
    shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return f"| `{name.upper()}` | {_values(field)} | {shown} | {field.description} |"


def _values(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is not None:
        kind = next(part for part in get_args(kind) if part is not type(None))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    limits = {type(rule).__name__: rule for rule in field.metadata}
    low, high = (limits[n] for n in ("Ge", "Le")) if {"Ge", "Le"} <= limits.keys() else (None, None)
    if low is not None and high is not None:
        return f"{low.ge} to {high.le}"
    if "Ge" in limits:
        return f"at least {limits['Ge'].ge}"
    return {"bool": "true, false", "Path": "path", "str": "text"}.get(kind.__name__, "number above 0")


def cli_page() -> str:
    """What Typer writes of every command, after a word on exit codes."""
    intro = (
        "Exit codes: 0 done; 1 a gate stopped the run, or `aegis doctor` found something missing; 2 something is wrong "
        "with the input or the settings; 75 a server did not answer, so try again."
    )
    command = get_command(app)
    with Context(command, info_name="aegis") as context:
        body = get_docs_for_click(obj=command, ctx=context, name="aegis")
    return f"{MADE}\n\n{body.rstrip()}\n\n## Exit codes\n\n{intro}\n"


def main() -> None:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, text in (("settings.md", settings_page()), ("cli.md", cli_page())):
        path = DOCS / name
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"docs/{', docs/'.join(stale)} is not what the code says: run `make docs`.")


if __name__ == "__main__":
    main()
