"""One call at a time against a server that fails as it is told: attempts, waits, outcomes."""

import pytest

from aegis_pipeline.records import DeadLetter, Outcome, RelationResult
from aegis_pipeline_tests.fakes.llm_server import FakeLLM, Told
from aegis_pipeline_tests.fakes.openai_server import FakeOpenAI
from aegis_pipeline_tests.relations.llm.conftest import Build
from aegis_pipeline_tests.relations.llm.documents import births, document, documents, shown_documents

BUSY, LOADING, BROKEN, HANGING = Told(status=500), Told(status=503), Told(sent_bytes=30), Told(hangs=True)
ECHO = '{"type": "object", "properties": {"d1": {"type": "array"}}}'


def ok(result: RelationResult) -> bool:
    return all(outcome.outcome is Outcome.OK for outcome in result.outcomes) and not result.dead_letters


@pytest.mark.parametrize(
    "faults",
    [[BUSY], [LOADING], [BUSY, LOADING], [BROKEN, BUSY], [HANGING], [Told(status=429)], [Told(status=408)]],
    ids=lambda faults: " ".join(str(told.status) if told.status != 200 else "broken" for told in faults),
)
def test_what_passes_is_waited_for(llm: FakeLLM, build: Build, waits: list[float], faults: list[Told]) -> None:
    llm.told += faults
    result = build(relation_timeout_seconds=0.5).extract(documents(3))
    assert ok(result)
    assert len(births(result.relations)) == 3
    assert waits == [2, 2][: len(faults)]
    assert len(llm.chats) == len(faults) + 1 == result.usage.calls


def test_waits_double_up_to_their_limit(llm: FakeLLM, build: Build, waits: list[float]) -> None:
    llm.told += [BUSY] * 5
    assert ok(build(relation_retry_attempts=6).extract(documents(1)))
    assert waits == [2, 2, 4, 8, 10]


def test_retry_after_is_honoured(llm: FakeLLM, build: Build, waits: list[float]) -> None:
    llm.told += [Told(status=429, retry_after="17"), Told(status=503, retry_after="soon")]
    assert ok(build().extract(documents(1)))
    assert waits == [17, 2]


def test_a_server_that_wants_an_hour_is_not_waited_for(llm: FakeLLM, build: Build, waits: list[float]) -> None:
    llm.told.append(Told(status=429, retry_after="3600"))
    result = build().extract(documents(1))
    assert [outcome.outcome for outcome in result.outcomes] == [Outcome.UNAVAILABLE]
    assert waits == []


def test_after_the_last_attempt_chunks_become_dead_letters(llm: FakeLLM, build: Build, waits: list[float]) -> None:
    llm.told += [BUSY] * 3
    result = build().extract([document("a", chunks=2)])
    assert (result.relations, result.outcomes[0].outcome) == ((), Outcome.UNAVAILABLE)
    assert "2 of 2 chunks lost: status 500" in result.outcomes[0].detail
    assert [(letter.chunk_id, letter.attempts) for letter in result.dead_letters] == [("a-0", 3), ("a-1", 3)]
    assert {letter.reason for letter in result.dead_letters} == {"busy"}
    assert len({letter.prompt_hash for letter in result.dead_letters}) == 1
    assert waits == [2, 2]


@pytest.mark.parametrize(("status", "outcome"), [(400, Outcome.REFUSED), (404, Outcome.UNAVAILABLE)])
def test_what_stays_as_it_is_is_not_tried_again(
    llm: FakeLLM, build: Build, waits: list[float], status: int, outcome: Outcome
) -> None:
    llm.told += [Told(status=status)] * 9
    result = build().extract([document("a")])
    assert (result.outcomes[0].outcome, result.dead_letters[0].attempts) == (outcome, 1)
    assert (len(llm.chats), waits) == (1, [])


@pytest.mark.parametrize(
    "text", ['{"d1": [["e1", "place_', "no JSON", " \n" * 500, ECHO, "[]", "null", '{"d1": 3}', "{}"]
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(llm: FakeLLM, build: Build, text: str) -> None:
    llm.told.append(Told(text=text))
    result = build().extract([document("a")])
    assert ok(result)
    assert (len(llm.chats), result.usage.answer_tokens) == (2, 14)


def test_malformed_to_the_end_is_malformed_and_not_empty(llm: FakeLLM, build: Build) -> None:
    llm.told += [Told(text="no JSON")] * 9
    result = build().extract([document("a")])
    assert [outcome.outcome for outcome in result.outcomes] == [Outcome.MALFORMED]
    [letter] = result.dead_letters
    assert (letter.attempts, letter.outcome, letter.reason, letter.detail) == (
        3,
        Outcome.MALFORMED,
        "malformed",
        "the answer is no JSON",
    )


def _sizes(llm: FakeLLM) -> list[int]:
    return [len(shown_documents(body)) for body in llm.chats]


def test_an_answer_too_long_is_asked_for_in_halves(llm: FakeLLM, build: Build) -> None:
    llm.told += [Told(text='{"d1": [', is_cut=True)]
    result = build().extract(documents(5))
    assert ok(result)
    assert (len(births(result.relations)), _sizes(llm)) == (5, [5, 2, 3])


def test_a_chunk_alone_may_state_less_each_time(llm: FakeLLM, build: Build) -> None:
    llm.told += [Told(text='{"d1": [', is_cut=True)] * 2
    assert ok(build().extract([document("a")]))
    asked = [body.get("format") or body["response_format"]["json_schema"]["schema"] for body in llm.chats]
    assert [one["properties"]["d1"]["maxItems"] for one in asked] == [8, 4, 2]


def test_one_bad_document_costs_the_others_nothing(llm: FakeLLM, build: Build) -> None:
    """Whatever request has it, its answer is unreadable."""
    answer = llm.answer_to
    llm.answer_to = lambda body: "…" if "Annx2x0" in body["messages"][-1]["content"] else answer(body)  # type: ignore[misc]
    result = build().extract(documents(6))
    assert [o.outcome for o in result.outcomes] == [Outcome.MALFORMED if n == 2 else Outcome.OK for n in range(6)]
    assert len(births(result.relations)) == 5
    assert [letter.document_id for letter in result.dead_letters] == ["x2x"]


def test_a_document_that_the_answer_leaves_out_is_asked_for_alone(llm: FakeLLM, build: Build) -> None:
    llm.told.append(Told(text='{"d1": [], "d3": []}'))
    result = build().extract(documents(3))
    assert [outcome.outcome for outcome in result.outcomes] == [Outcome.EMPTY, Outcome.OK, Outcome.EMPTY]
    assert _sizes(llm) == [3, 1]


def test_a_part_that_is_lost_degrades_the_document(llm: FakeLLM, build: Build) -> None:
    answer = llm.answer_to
    llm.answer_to = lambda body: "…" if "Anna1" in body["messages"][-1]["content"] else answer(body)  # type: ignore[misc]
    result = build().extract([document("a", chunks=4)])
    assert births(result.relations) == {("a", f"entity Anna{n}") for n in (0, 2, 3)}
    assert (result.outcomes[0].outcome, result.dead_letters[0].chunk_id) == (Outcome.DEGRADED, "a-1")
    assert result.outcomes[0].detail == "1 of 4 chunks lost: the answer is no JSON"


def test_a_model_that_declines_is_a_refusal(llm: FakeLLM, build: Build) -> None:
    if not isinstance(llm, FakeOpenAI):
        pytest.skip("Ollama's protocol has no refusal")
    llm.told.append(Told(is_filtered=True))
    result = build().extract([document("a")])
    assert (result.outcomes[0].outcome, len(llm.chats)) == (Outcome.REFUSED, 1)


def test_the_key_is_sent_and_told_to_nobody(llm: FakeLLM, build: Build, caplog: pytest.LogCaptureFixture) -> None:
    if not isinstance(llm, FakeOpenAI):
        pytest.skip("Ollama has no key")
    llm.key = "sk-secret"
    assert ok(build(openai_api_key="sk-secret").extract([document("a")]))
    llm.told += [Told(status=400)]
    letters: tuple[DeadLetter, ...] = build(openai_api_key="sk-secret").extract([document("b")]).dead_letters
    assert "(the key)" in letters[0].detail
    denied = build(openai_api_key="sk-wrong").extract([document("c")])
    assert "set OPENAI_API_KEY" in denied.outcomes[0].detail
    assert "sk-" not in caplog.text + repr((letters, denied))
