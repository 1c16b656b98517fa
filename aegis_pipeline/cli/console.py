"""What every command prints with, and the one place where an error becomes a message and an exit code."""

import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from aegis_pipeline.errors import AegisError, TransientError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import EventLine, configure_logs, event_log, is_json
from aegis_pipeline.progress import LOGGER_NAME, sentence
from aegis_pipeline.settings import settings
from aegis_pipeline.version import VERSION

_WIDTH_IN_FILES = 200  # characters of a line where no terminal says how wide it is
OUT = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else _WIDTH_IN_FILES)
ERR = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
_log = event_log(__name__)

EXIT_FAILED, EXIT_WRONG, EXIT_RETRY = 1, 2, 75  # 75 is EX_TEMPFAIL: the same command may succeed later


def run(app: Callable[[], None]) -> None:
    """Run the command line; an error of ours is a message and an exit code, never a stack trace."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except AegisError as error:
        if is_json():
            _log.critical(Event.COMMAND_FAILED, error_type=type(error).__name__, error=str(error))
        note(f"Error: {error}", style="red")
        raise SystemExit(EXIT_RETRY if isinstance(error, TransientError) else EXIT_WRONG) from None


def _print_version(asked: bool) -> None:
    if asked:
        OUT.print(f"aegis-pipeline {VERSION}")
        raise typer.Exit


def set_up(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Before any command: the log goes to standard error as the settings say."""
    configure_logs(settings())


def note(text: str, style: str | None = None) -> None:
    """Something on standard error for people; where it holds JSON, the events say it."""
    if not is_json():
        ERR.print(text, style=style)


class _Printed(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, EventLine):
            ERR.print(f"  {sentence(record.msg)}", style="dim")


def one_line(value: object) -> str:
    """A file's name or a text may hold newlines and control characters: they must not steer the terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in str(value))


class TableFormat(StrEnum):
    """How records are printed: for people, or whole."""

    TABLE = "table"
    JSON = "json"


def print_table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """A row a line; values are folded where they are too long."""
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(one_line, row))
    OUT.print(table, soft_wrap=False)


def show_progress() -> None:
    """Print progress as the phases report it, on standard error: for people, in sentences in the place of events."""
    if not is_json():
        logger = logging.getLogger(LOGGER_NAME)
        logger.handlers = [_Printed()]
        logger.setLevel(logging.INFO)
