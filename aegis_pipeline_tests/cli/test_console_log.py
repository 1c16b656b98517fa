"""Standard error of a command: sentences for people, or nothing but JSON."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_pipeline.cli import console
from aegis_pipeline.cli.main import app
from aegis_pipeline.events import Event
from aegis_pipeline.logs import configure_logs, event_log
from aegis_pipeline.progress import LOGGER_NAME, report, report_epoch
from aegis_pipeline.settings import LogFormat, settings

_log = event_log("aegis_pipeline.test")


@pytest.fixture(autouse=True)
def as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AEGIS_HOME", str(tmp_path / "home"))
    logging.getLogger(LOGGER_NAME).handlers = []  # of commands that other tests have run in this process
    yield
    monkeypatch.undo()
    settings.cache_clear()
    configure_logs(settings())
    logging.getLogger("aegis_pipeline").setLevel(logging.NOTSET)
    logging.getLogger(LOGGER_NAME).handlers = []
    logging.getLogger(LOGGER_NAME).setLevel(logging.NOTSET)


def fail_with(log_format: LogFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", log_format.value)
    settings.cache_clear()
    monkeypatch.setattr(sys, "argv", ["aegis", "run", "nowhere"])
    with pytest.raises(SystemExit) as ended:
        console.run(app)
    assert ended.value.code == console.EXIT_WRONG
    report("mentions", 3, 1.25)
    report_epoch("tagger", {"f1": 0.5})
    _log.warning(Event.MODEL_LOADED, name="m")


def test_people_get_sentences_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fail_with(LogFormat.CONSOLE, monkeypatch)
    first, error, *progress, warned = capsys.readouterr().err.splitlines()
    assert first.startswith("Running process_batch")
    assert error.startswith("Error: 'nowhere' is no folder")
    assert progress == ["  mentions: 3 in 1.2 s", "  tagger: f1 0.5"]
    assert "model_loaded" in warned


def test_machines_get_an_object_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fail_with(LogFormat.JSON, monkeypatch)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["command_failed", "phase_end", "training_epoch", "model_loaded"]
    assert (lines[0]["error_type"], lines[0]["level"]) == ("InputError", "critical")
    assert (lines[1]["count"], lines[1]["seconds"]) == (3, 1.25)
