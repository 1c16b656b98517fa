"""Events are an interface: each is used, said and shown in the docs, and every line of the log is one."""

import importlib.util
import re
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from aegis_pipeline.events import Event
from aegis_pipeline_tests.test_project import PACKAGE, REPOSITORY

REQUIRED = {"extraction_start", "spacy_ner_failed", "dedup_failed", "relation_extraction_failed_all_retries"}


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_logs", REPOSITORY / "scripts" / "docs_logs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_logs"] = module
    spec.loader.exec_module(module)
    return module


def test_every_log_call_names_an_event_and_its_fields(docs: ModuleType) -> None:
    calls = list(docs.log_calls())
    assert len(calls) > 20
    assert [call.where for call in calls if call.event is None or "**" in call.fields] == []


def test_every_event_is_logged_and_said_and_has_one_set_of_fields(docs: ModuleType) -> None:
    fields = defaultdict(set)
    for call in docs.log_calls():
        fields[call.event].add(frozenset(call.fields))
    assert set(fields) == set(Event.__members__) == set(docs.meanings())
    assert {event: sets for event, sets in fields.items() if len(sets) > 1} == {}
    assert {event.value for event in Event} >= REQUIRED
    assert all(event.value == event.name.lower() for event in Event)


def test_no_module_logs_beside_the_events() -> None:
    """Loggers of libraries may be silenced by their names."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path != PACKAGE / "logs.py":
            assert not re.search(r"getLogger\((__name__|\"aegis)|(from|import) structlog|\.log\(logging\.", text), path
            made = re.findall(r"^.*\bevent_log\(.*$", text, re.MULTILINE)
            assert all(line.startswith("_log = event_log(") for line in made), path


def test_a_call_without_an_event_is_found(docs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("_log.info('sentence')\n_log.warning(Event.MODEL_LOADED, **fields)\n")
    found = {(call.event, call.fields, call.where) for call in docs.log_calls(tmp_path)}
    assert found == {(None, (), "bad.py:1"), ("MODEL_LOADED", ("**",), "bad.py:2")}
