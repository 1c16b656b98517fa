"""A real Ollama with a small Gemma 3: protocol, constrained output and counts, none of which depends on its quality."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.llm.prompt import estimate_tokens
from aegis_pipeline.records import Outcome
from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.llm import build_llm_extractor
from aegis_pipeline.relations.llm.cache import AnswerCache
from aegis_pipeline.relations.llm.factory import connect
from aegis_pipeline.relations.llm.prompt import prompt_of
from aegis_pipeline.relations.llm.sections import section
from aegis_pipeline.settings import RelationBackend, Settings
from aegis_pipeline_tests.relations.llm.documents import document, documents
from aegis_pipeline_tests.servers.launch import at_home, launch
from aegis_pipeline_tests.servers.ollama_recipe import GEMMA, OllamaServer, has_model, ollama_recipe
from aegis_pipeline_tests.servers.process import ServerProcess, ServerUnavailable, free_port

pytestmark = [pytest.mark.ollama, pytest.mark.slow]


@pytest.fixture(params=list(RelationBackend)[1:])
def settings(request: pytest.FixtureRequest, gemma_server: OllamaServer, tmp_path: Path) -> Settings:
    """Ollama speaks OpenAI's protocol too."""
    return Settings(
        _env_file=None,
        relation_backend=request.param,
        relation_model=gemma_server.model,
        ollama_host=gemma_server.host,
        openai_base_url=f"{gemma_server.host}/v1",
        relation_call_tokens=1000,
        relation_answer_tokens=512,
        aegis_home=tmp_path,
    )


async def test_output_is_held_to_the_schema(settings: Settings) -> None:
    keyed = {f"d{number}": section(read, read.chunks) for number, read in enumerate(documents(2), start=1)}
    prompt = prompt_of(keyed, load_schema(), dict.fromkeys(keyed, 2))
    client = connect(settings, load_schema())()
    reply = await client.ask(prompt)
    await client.close()
    lists = json.loads(reply.text)
    assert list(lists) == ["d1", "d2"]
    for key, statements in lists.items():
        parts = prompt.answer_schema["properties"][key]["items"]["prefixItems"]
        assert len(statements) <= 2
        for head, predicate, tail, quote, strength in statements:
            assert head in parts[0]["enum"]
            assert predicate in parts[1]["enum"]
            assert tail in parts[2]["enum"]
            assert 1 <= len(quote) <= parts[3]["maxLength"]
            assert 1 <= strength <= 10
    told = estimate_tokens(prompt.system) + estimate_tokens(prompt.user)
    assert 0 < reply.prompt_tokens <= told
    assert reply.answer_tokens > 0


def test_batch_ends_with_an_outcome_for_each_document(settings: Settings) -> None:
    extractor = build_llm_extractor(settings, load_schema())
    batch = documents(2)
    result = extractor.extract(batch)
    assert [outcome.document_id for outcome in result.outcomes] == [each.document_id for each in batch]
    assert {outcome.outcome for outcome in result.outcomes} <= {Outcome.OK, Outcome.EMPTY, Outcome.MALFORMED}
    assert result.usage.calls
    assert result.usage.prompt_tokens
    if not result.dead_letters:
        assert extractor.extract(batch).usage.calls == 0


def test_missing_model_is_named(settings: Settings) -> None:
    lacking = settings.model_copy(update={"relation_model": "not-there:1b"})
    result = build_llm_extractor(lacking, load_schema()).extract([document("a")])
    assert result.outcomes[0].outcome is Outcome.UNAVAILABLE
    assert "does not have 'not-there:1b' (RELATION_MODEL)" in result.outcomes[0].detail


@pytest.fixture
def own_server() -> Iterator[ServerProcess[OllamaServer]]:
    """A server for a test that kills it."""
    if not has_model(GEMMA):
        pytest.skip("a server with small models is built for tests, in about three minutes, by: make ollama")
    try:
        server = launch([lambda: at_home("ollama", None, lambda home: ollama_recipe(home, free_port()))])
    except ServerUnavailable as error:
        pytest.skip(str(error))
    yield server
    server.close()


def test_what_a_killed_server_did_not_answer_is_read_when_it_is_back(
    own_server: ServerProcess[OllamaServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after its second answer: these two stay, and of the others each chunk is a dead letter until it is back.

    Each call has one document, as two are too long for it.
    """
    settings = Settings(
        _env_file=None,
        relation_backend=RelationBackend.OLLAMA,
        relation_model=GEMMA,
        ollama_host=own_server.address.host,
        relation_call_tokens=500,
        relation_answer_tokens=192,
        relation_retry_attempts=1,
        extraction_max_workers=1,
        aegis_home=tmp_path,
    )
    extractor, batch, kept = build_llm_extractor(settings, load_schema()), documents(4, chunks=12), []
    keep = AnswerCache.put

    def kill_after_two(self: AnswerCache, value: Any, *key: str) -> None:
        keep(self, value, *key)
        kept.append(key)
        if len([each for each in kept if each[0] != "digest"]) == 2:
            own_server.kill()

    with monkeypatch.context() as patched:
        patched.setattr(AnswerCache, "put", kill_after_two)
        first = extractor.extract(batch)
    lost = {letter.document_id for letter in first.dead_letters}
    assert [outcome.document_id for outcome in first.outcomes] == [each.document_id for each in batch]
    assert {o.document_id for o in first.outcomes if o.outcome is Outcome.UNAVAILABLE} == lost
    assert 0 < len(lost) < len(batch)
    own_server.start()
    again = extractor.extract(batch)
    assert not [letter for letter in again.dead_letters if letter.outcome is Outcome.UNAVAILABLE]
    assert again.usage.from_cache >= 2
    assert again.usage.calls + again.usage.from_cache >= len(batch) - 1
