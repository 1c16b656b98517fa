"""Whole batches: few calls, losses at random, a server that is down, kept answers, the fallback."""

import asyncio
import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.models import llm_servers
from aegis_pipeline.records import ModelUsage, Outcome, RelationResult
from aegis_pipeline.relations import build_relation_extractor
from aegis_pipeline.relations.fallback import FallbackRelationExtractor
from aegis_pipeline.relations.llm.breaker import FAILURES_IN_A_ROW
from aegis_pipeline.settings import RelationBackend, Settings
from aegis_pipeline_tests.fakes.llm_server import FakeLLM, Told
from aegis_pipeline_tests.relations.llm.conftest import Build
from aegis_pipeline_tests.relations.llm.documents import (
    EmbeddedBirths,
    births,
    document,
    documents,
    read_births,
    shown_documents,
)

SMALL = {"relation_call_tokens": 500}
"""So that a batch takes many calls."""


def _counted(result: RelationResult) -> dict[Outcome, int]:
    outcomes = [outcome.outcome for outcome in result.outcomes]
    return {outcome: outcomes.count(outcome) for outcome in set(outcomes)}


def test_short_documents_share_calls(llm: FakeLLM, build: Build) -> None:
    result = build().extract(documents(60))
    assert len(births(result.relations)) == 60
    assert (result.usage.calls, result.usage.prompt_tokens, result.usage.answer_tokens) == (1, 100, 7)


@pytest.mark.parametrize("workers", [1, 4])
def test_with_a_third_of_all_calls_dropped_nothing_is_lost_unseen(llm: FakeLLM, build: Build, workers: int) -> None:
    """Over 200 chunks: each is read, or is among the dead letters; a second run with a healthy server reads those."""
    chance = random.Random(8)
    llm.told += [Told(sent_bytes=10) if chance.random() < 0.3 else Told() for _ in range(1000)]
    batch, extractor = documents(100, chunks=2), build(**SMALL, extraction_max_workers=workers)
    first = extractor.extract(batch)
    lost = {letter.chunk_id for letter in first.dead_letters}
    read = {relation.chunk_id for relation in first.relations}
    assert (read & lost, read | lost) == (set(), {chunk.id for each in batch for chunk in each.chunks})
    assert {letter.attempts for letter in first.dead_letters} <= {3}
    assert len(llm.chats) == first.usage.calls
    llm.told.clear()
    second = extractor.extract(batch)
    assert (second.dead_letters, _counted(second)) == ((), {Outcome.OK: 100})
    assert second.usage.calls < first.usage.calls / 4


def test_a_server_that_is_down_is_given_up(llm: FakeLLM, build: Build, waits: list[float]) -> None:
    llm.told += [Told(status=500)] * 1000
    result = build(**SMALL).extract(documents(200))
    assert _counted(result) == {Outcome.UNAVAILABLE: 200}
    assert len(llm.chats) == FAILURES_IN_A_ROW * 3
    assert len(waits) == FAILURES_IN_A_ROW * 2
    assert "not asked any more: status 500" in result.outcomes[-1].detail
    assert result.dead_letters[-1].attempts == 0


def test_a_server_that_refuses_connections_is_asked_thrice(tmp_path: Path, build: Build, waits: list[float]) -> None:
    nobody = "http://127.0.0.1:9"
    result = build(ollama_host=nobody, openai_base_url=nobody).extract(documents(3))
    assert _counted(result) == {Outcome.UNAVAILABLE: 3}
    assert "answers at http://127.0.0.1:9" in result.outcomes[0].detail
    assert waits == [2, 2]


def test_a_missing_model_is_named_and_not_asked_for(llm: FakeLLM, build: Build, waits: list[float]) -> None:
    llm.models = ("another",)
    result = build().extract(documents(3))
    assert _counted(result) == {Outcome.UNAVAILABLE: 3}
    assert "does not have 'gemma3:4b' (RELATION_MODEL)" in result.outcomes[0].detail
    assert (llm.chats, waits) == ([], [])


def test_answers_are_kept_by_model_and_content(llm: FakeLLM, build: Build) -> None:
    first = build().extract(documents(3))
    again = build().extract(documents(3))
    assert (again.relations, again.usage) == (first.relations, ModelUsage(from_cache=3))
    assert build().extract(documents(4)).usage.calls == 1
    assert len(shown_documents(llm.chats[-1])) == 1
    llm.models = ("another",)
    assert build(relation_model="another").extract(documents(3)).usage.calls == 1


def test_kept_answers_serve_while_the_server_is_away(llm: FakeLLM, build: Build) -> None:
    first, version = build().extract(documents(3)), build().version
    llm.models = ()
    away = build()
    assert (away.extract(documents(3)).relations, away.version) == (first.relations, version)


def test_version_changes_with_what_decides(llm: FakeLLM, build: Build) -> None:
    llm.models = ("gemma3:4b", "another")
    own: list[dict[str, Any]] = [
        {},
        {"relation_model": "another"},
        {"relation_call_tokens": 700},
        {"relation_min_confidence": 0.9},
    ]
    assert len({build(**each).version for each in own}) == len(own)
    assert build(relation_retry_attempts=9).version == build().version


def test_calls_in_flight_are_as_many_as_allowed(llm: FakeLLM, build: Build) -> None:
    lock, now, most = threading.Lock(), [0], [0]
    together = threading.Barrier(3, timeout=30)

    def answer(body: dict[str, Any]) -> str:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait()
        with lock:
            now[0] -= 1
        return read_births(body)

    llm.answer_to = answer
    result = build(extraction_max_workers=3, **SMALL).extract(documents(45))
    assert (result.usage.calls % 3, most, _counted(result)) == (0, [3], {Outcome.OK: 45})


async def test_a_running_loop_is_left_free(build: Build) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    extractor = build()
    assert _counted(await extractor.extract_async(documents(2))) == {Outcome.OK: 2}
    assert ticks > 1
    ticking.cancel()
    assert _counted(extractor.extract(documents(2))) == {Outcome.OK: 2}  # and who calls it so is served too


def test_nothing_to_relate_takes_no_call(llm: FakeLLM, build: Build) -> None:
    alone = replace(document("a"), mentions=document("a").mentions[:1])
    result = build().extract([alone, replace(alone, document_id="b", text="", chunks=(), sentences=(), mentions=())])
    assert [o.detail for o in result.outcomes] == ["fewer than two entities to relate"] * 2
    assert llm.chats == []


def test_fallback_reads_what_the_llm_lost_in_the_open(llm: FakeLLM, build: Build) -> None:
    llm.answer_to = lambda body: "…" if "Annb1" in body["messages"][-1]["content"] else read_births(body)
    batch = [document("a", chunks=2), document("b", chunks=3)]
    result = FallbackRelationExtractor(build(), EmbeddedBirths).extract(batch)
    assert len(births(result.relations)) == len(result.relations) == 5
    assert [r.chunk_id for r in result.relations if r.extractor == "embedded 1"] == ["b-1"]
    assert [o.outcome for o in result.outcomes] == [Outcome.OK, Outcome.DEGRADED]
    assert result.outcomes[1].detail == (
        "embedded extractor where the LLM failed: 1 of 3 chunks lost: the answer is no JSON"
    )
    assert [(letter.chunk_id, letter.read_by) for letter in result.dead_letters] == [("b-1", "embedded")]


def test_fallback_that_cannot_read_a_document_leaves_it_lost(llm: FakeLLM, build: Build) -> None:
    llm.models = ()
    result = FallbackRelationExtractor(build(), lambda: EmbeddedBirths(Outcome.DEGRADED)).extract([document("a")])
    assert [outcome.outcome for outcome in result.outcomes] == [Outcome.UNAVAILABLE]
    assert [letter.read_by for letter in result.dead_letters] == [""]


def test_fallback_is_not_loaded_without_need(build: Build) -> None:
    def load() -> Any:
        raise AssertionError("loaded")

    assert _counted(FallbackRelationExtractor(build(), load).extract(documents(2))) == {Outcome.OK: 2}


def test_settings_choose_backend_and_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    by_llm = Settings(_env_file=None, relation_backend=RelationBackend.OLLAMA)
    assert isinstance(build_relation_extractor(by_llm), FallbackRelationExtractor)
    alone = by_llm.model_copy(update={"relation_fallback": "none"})
    assert build_relation_extractor(alone).name == "ollama"
    monkeypatch.setattr(llm_servers, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"RELATION_BACKEND=ollama needs .*aegis-pipeline\[llm\]"):
        build_relation_extractor(by_llm)
