"""The page of settings, and the table of any of them, from the fields of ``Settings``."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, get_args, get_origin

from docs_tables import MADE
from pydantic.fields import FieldInfo

from aegis_pipeline.settings import Settings


def settings_page() -> str:
    """A table row for each setting: variable, values, default, what it does."""
    intro = (
        "Settings come from the environment, or from a file `.env` in the working directory; the environment wins. "
        "A wrong value ends the command with a message that names the valid ones."
    )
    return "\n".join(["# Settings", "", MADE, "", intro, "", settings_table(Settings.model_fields), ""])


def settings_table(names: Iterable[str]) -> str:
    """A table row for each of these settings."""
    rows = [_setting_row(name, Settings.model_fields[name]) for name in names]
    return "\n".join(["| variable | values | default | |", "|---|---|---|---|", *rows])


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
    return {"bool": "true, false", "Path": "path", "str": "text", "SecretStr": "text"}.get(
        kind.__name__, "number above 0"
    )
