"""Retries fire and are told: with the attempt, the kind of fault and the wait, and the id of the run."""

import logging

import pytest

from aegis_pipeline.events import Event
from aegis_pipeline.logs import EventLine, bound, bound_fields
from aegis_pipeline_tests.fakes.llm_server import FakeLLM, Told
from aegis_pipeline_tests.relations.llm.conftest import Build
from aegis_pipeline_tests.relations.llm.documents import document, documents

Lines = list[tuple[EventLine, str, dict[str, object]]]


@pytest.fixture
def told() -> Lines:
    """Each event with its level and the correlation id that is bound where it is logged."""
    lines: Lines = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert isinstance(record.msg, EventLine)
            lines.append((record.msg, record.levelname, bound_fields("correlation_id")))

    logger, handler = logging.getLogger("aegis_pipeline"), Keeping()
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def of(lines: Lines, event: Event) -> list[dict[str, object]]:
    return [dict(line.fields) for line, *_ in lines if line.event is event]


def test_each_retry_is_told_with_attempt_fault_and_wait(llm: FakeLLM, build: Build, told: Lines) -> None:
    llm.told += [Told(status=500), Told(status=429, retry_after="17")]
    with bound(correlation_id="c"):
        build().extract(documents(1))
    assert len(llm.chats) == 3
    assert of(told, Event.LLM_CALL_RETRIED) == [
        {"attempt": 1, "error_type": "busy", "wait_seconds": 2},
        {"attempt": 2, "error_type": "busy", "wait_seconds": 17},
    ]
    assert [bound for _, _, bound in told] == [{"correlation_id": "c"}] * 2


def test_a_chunk_lost_after_all_retries_is_told_by_its_ids(llm: FakeLLM, build: Build, told: Lines) -> None:
    llm.told += [Told(status=500)] * 3
    build().extract([document("a", chunks=2)])
    assert of(told, Event.RELATION_EXTRACTION_FAILED_ALL_RETRIES) == [
        {"document_id": "a", "chunk_id": chunk, "error_type": "busy", "attempts": 3} for chunk in ("a-0", "a-1")
    ]
    assert of(told, Event.LLM_CHUNKS_LOST) == [{"documents": 1, "chunks": 2, "not_asked": 0}]


def test_what_is_not_asked_any_more_is_one_line(llm: FakeLLM, build: Build, told: Lines) -> None:
    llm.told += [Told(status=500)] * 60
    made = build(relation_call_tokens=500, extraction_max_workers=1, relation_retry_attempts=1)
    result = made.extract(documents(20, chunks=2))
    assert of(told, Event.LLM_GIVEN_UP) == [{"error_type": "busy", "failures": 3}]
    (lost,) = of(told, Event.LLM_CHUNKS_LOST)
    assert lost["chunks"] == len(result.dead_letters)
    assert 0 < len(of(told, Event.RELATION_EXTRACTION_FAILED_ALL_RETRIES)) == lost["chunks"] - lost["not_asked"]
