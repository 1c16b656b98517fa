"""What standard error holds: an object a line, the correlation id in threads and coroutines, and nothing twice."""

import asyncio
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aegis_pipeline.events import Event
from aegis_pipeline.logs import bound, bound_fields, carried, configure_logs, event_log, is_json
from aegis_pipeline.settings import LogFormat, LogLevel, Settings

Lines = Callable[[], list[dict[str, Any]]]
_log = event_log("aegis_pipeline.test")


@pytest.fixture(autouse=True)
def unconfigured() -> Iterator[None]:
    """The log of the test process as it was."""
    root, ours = logging.getLogger(), logging.getLogger("aegis_pipeline")
    before = (list(root.handlers), ours.level)
    yield
    logging.captureWarnings(False)
    root.handlers, level = before
    ours.setLevel(level)


def configure(log_format: LogFormat = LogFormat.JSON, log_level: LogLevel | None = None) -> None:
    configure_logs(Settings(log_format=log_format, log_level=log_level, _env_file=None))


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_lines_have_event_level_time_fields_and_what_is_bound(lines: Lines) -> None:
    configure()
    with bound(correlation_id="c", phase="mentions"):
        _log.warning(Event.LLM_CALL_RETRIED, attempt=2, phase="relations")
    _log.info(Event.PHASE_START, attempt=1)
    retried, started = lines()
    assert retried["timestamp"].endswith("Z")
    assert {**retried, "timestamp": ""} == {
        "event": "llm_call_retried",
        "timestamp": "",
        "level": "warning",
        "logger": "aegis_pipeline.test",
        "attempt": 2,
        "phase": "relations",
        "correlation_id": "c",
    }
    assert "correlation_id" not in started


def test_configuring_twice_prints_once_and_the_last_one_holds(lines: Lines) -> None:
    configure(LogFormat.CONSOLE)
    assert not is_json()
    configure()
    configure()
    assert is_json()
    _log.error(Event.LLM_CHUNKS_LOST, chunks=1)
    assert len(lines()) == 1


@pytest.mark.parametrize(
    ("log_format", "log_level", "shown"),
    [
        (LogFormat.JSON, None, "info warning error critical"),
        (LogFormat.CONSOLE, None, "warning error critical"),
        (LogFormat.CONSOLE, LogLevel.DEBUG, "debug info warning error critical"),
        (LogFormat.JSON, LogLevel.ERROR, "error critical"),
    ],
)
def test_level(
    log_format: LogFormat, log_level: LogLevel | None, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(log_format, log_level)
    for level in LogLevel:
        getattr(_log, level.value)(Event.PHASE_START, attempt=f"at-{level.value}")
    printed = capsys.readouterr().err
    assert [level for level in LogLevel if f"at-{level.value}" in printed] == shown.split()


def test_what_has_a_handler_of_its_own_is_left_to_it(lines: Lines) -> None:
    """As Dagster's loggers have."""
    configure()
    logger = logging.getLogger("somebody.else")
    logger.warning("a %s", "sentence")
    logger.handlers = [logging.StreamHandler()]
    try:
        logger.handlers[0].emit = lambda record: None  # type: ignore[method-assign]
        logger.getChild("below").warning("not ours")
    finally:
        logger.handlers = []
    assert [line["event"] for line in lines()] == ["a sentence"]


def test_warnings_and_exceptions_of_libraries_are_lines_too_without_a_message_of_the_exception(lines: Lines) -> None:
    configure()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    try:
        int("secret text")
    except ValueError:
        logging.getLogger("library").exception("failed")
    warned, failed = lines()
    assert "DeprecationWarning: old" in warned["event"]
    assert (failed["event"], failed["error_type"]) == ("failed", "ValueError")
    assert "secret" not in json.dumps(failed)


def test_the_correlation_id_is_in_threads_and_coroutines(lines: Lines) -> None:
    configure()

    async def call(number: int) -> None:
        await asyncio.sleep(0)
        _log.info(Event.MODEL_LOADED, name=number)

    async def calls() -> None:
        await asyncio.gather(*(call(number) for number in range(3)))

    with ThreadPoolExecutor(4) as threads:
        with bound(correlation_id="c"):
            asyncio.run(calls())
            here = carried(lambda number: _log.info(Event.MODEL_LOADED, name=number))
        list(threads.map(here, range(20)))
        threads.submit(_log.info, Event.MODEL_LOADED, name="other").result()
    found = lines()
    assert [line.get("correlation_id") for line in found] == ["c"] * 23 + [None]


def test_only_the_named_fields_are_taken_along() -> None:
    with bound(correlation_id="c", batch="b", phase="graph"):
        assert bound_fields("correlation_id", "batch") == {"correlation_id": "c", "batch": "b"}
    assert bound_fields("correlation_id", "batch") == {}


def test_a_file_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogFormat.CONSOLE)
    _log.warning(Event.DOCUMENT_READ, path="a\x1b[2J\nb")
    assert capsys.readouterr().err.count("\n") == 1
    _log.warning(Event.DOCUMENT_READ, path="a\x1b[2J\nb")
    assert "\x1b" not in capsys.readouterr().err


def test_programs_that_configure_nothing_get_the_fields_as_text(caplog: pytest.LogCaptureFixture) -> None:
    _log.warning(Event.MODEL_LOADED, kind="encoder", seconds=1.5)
    assert caplog.messages == ["model_loaded kind=encoder seconds=1.5"]
