"""Structured logs: events with fields instead of sentences, as JSON or for people, each with its correlation id.

They go through the standard library's logging, so that a program that uses this package decides for itself what
becomes of them. ``configure_logs`` is for our own processes: the command line and what Dagster loads. structlog is
imported there and not before: a parse child, which counts every byte, imports this module too.
"""

import logging
import sys
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from aegis_pipeline.events import Event

if TYPE_CHECKING:  # a parse child has no Pydantic
    from aegis_pipeline.settings import Settings

CORRELATION_TAG = "aegis/correlation_id"
"""The tag of a Dagster run that names what its lines in the log have in common, from the sensor's tick on."""

P = ParamSpec("P")
R = TypeVar("R")
_Line = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventLine:
    """The message of a log record: an event and its fields. As text, ``event key=value ...``."""

    event: Event
    fields: Mapping[str, object]

    def __str__(self) -> str:
        return " ".join([self.event, *(f"{name}={value}" for name, value in self.fields.items())])


class EventLog:
    """The log of a module. Every call takes an event and its fields, and none a sentence."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: Event, /, **fields: object) -> None:
        """For whoever looks for a fault in this project."""
        self._logger.debug(EventLine(event, fields))

    def info(self, event: Event, /, **fields: object) -> None:
        """What happens anyway."""
        self._logger.info(EventLine(event, fields))

    def warning(self, event: Event, /, **fields: object) -> None:
        """Something was done in a lesser way than asked for, or is tried again."""
        self._logger.warning(EventLine(event, fields))

    def error(self, event: Event, /, **fields: object) -> None:
        """Something of the batch is lost."""
        self._logger.error(EventLine(event, fields))

    def critical(self, event: Event, /, **fields: object) -> None:
        """The whole batch, or the command, has failed."""
        self._logger.critical(EventLine(event, fields))


def event_log(name: str) -> EventLog:
    """The log of the module of that name: ``log.warning(Event.X, document_id=...)``."""
    return EventLog(name)


def new_correlation_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex


def bound(**fields: object) -> AbstractContextManager[None]:
    """Every line that is logged in the block has ``fields`` too, in coroutines as well; threads need ``carried``."""
    from structlog.contextvars import bound_contextvars

    return bound_contextvars(**fields)


def bound_fields(*names: str) -> dict[str, Any]:
    """Those of the fields of these names that are bound now."""
    from structlog.contextvars import get_contextvars

    return {name: value for name, value in get_contextvars().items() if name in names}


def carried(work: Callable[P, R]) -> Callable[P, R]:
    """``work`` for another thread, where its lines have the fields that are bound here and now."""
    context = copy_context()

    def there(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(work, *args, **kwargs)  # a context cannot be entered by two threads at once

    return there


def configure_logs(configured: "Settings") -> None:
    """Write the log to standard error as the settings say, in the place of what Python does by default.

    Records that a logger has a handler of its own for are left to it: Dagster's lines, and the progress that the
    command line shows. Twice is the same as once.
    """
    as_json = configured.log_format == "json"
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _StandardError)]
    root.addHandler(_StandardError(as_json=as_json))
    level = configured.log_level or ("info" if as_json else "warning")
    logging.getLogger("aegis_pipeline").setLevel(level.upper())
    logging.captureWarnings(as_json)


def is_json() -> bool:
    """Whether ``configure_logs`` has made standard error a stream of JSON."""
    return any(isinstance(handler, _StandardError) and handler.as_json for handler in logging.getLogger().handlers)


class _StandardError(logging.Handler):
    """Writes to what ``sys.stderr`` is at the time: commands and tests replace it."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json
        self.setFormatter(_formatter(as_json=as_json))

    def filter(self, record: logging.LogRecord) -> bool:
        return super().filter(record) and not _has_own_handler(logging.getLogger(record.name))

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr, flush=True)


def _has_own_handler(logger: logging.Logger | None) -> bool:
    while logger is not None and logger is not logging.root:
        if any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            return True
        logger = logger.parent
    return False


def _formatter(*, as_json: bool) -> logging.Formatter:
    from structlog import contextvars, dev, processors, stdlib

    last: list[Any] = (
        [processors.JSONRenderer()] if as_json else [_printable, dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    return stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            processors.TimeStamper(fmt="iso", utc=True),
            stdlib.add_log_level,
            stdlib.add_logger_name,
            _with_fields,
            contextvars.merge_contextvars,
        ],
        processors=[stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _with_fields(_logger: object, _level: str, line: _Line) -> _Line:
    """The fields of an event. Of an exception only its type: a message or a traceback may hold a document's text."""
    message = line["_record"].msg
    if isinstance(message, EventLine):
        line.update(message.fields, event=message.event.value)
    if error := line.pop("exc_info", None):
        line["error_type"] = error[0].__name__ if error[0] else None
    return line


def _printable(_logger: object, _level: str, line: _Line) -> _Line:
    """A file's name may hold control characters: they must not steer the terminal."""
    return {
        name: ascii(value) if isinstance(value, str) and not value.isprintable() else value
        for name, value in line.items()
    }
