"""Whatever may go wrong with the legacy arm's model, in both protocols: told, counted, and mended by the next run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lightrag.llm.openai import openai_complete_if_cache
from tenacity import wait_none

from aegis_pipeline.errors import ModelError, ServiceUnavailableError, SettingsError
from aegis_pipeline.models import llm_servers
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.legacy_llm import OllamaLLM, OpenAILLM, legacy_llm
from aegis_pipeline.records import Document
from aegis_pipeline.settings import LegacyServer, Settings
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.llm_server import FERRANTI, FakeLLM, serve
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama
from aegis_pipeline_tests.fakes.openai_server import FakeOpenAI

FAKES = {LegacyServer.OLLAMA: FakeOllama, LegacyServer.OPENAI: FakeOpenAI}
ATTEMPTS = {LegacyServer.OLLAMA: 1, LegacyServer.OPENAI: 3}
DOCUMENT = Document("a.txt", "a.txt", "Ferranti was based in Manchester.", "hash")
OTHER = Document("b.txt", "b.txt", "Ferranti was in Manchester for long.", "hash")
KEY = "sk-1234567890"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """LightRAG waits four seconds and more before it asks again."""
    monkeypatch.setattr(openai_complete_if_cache.retry, "wait", wait_none())


@pytest.fixture(params=list(LegacyServer))
def llm(request: pytest.FixtureRequest) -> Iterator[FakeLLM]:
    with serve(FAKES[request.param](answers={"ferranti": FERRANTI})) as running:
        yield running


def settings_for(llm: FakeLLM, home: Path, **changes: object) -> Settings:
    server = next(server for server, fake in FAKES.items() if isinstance(llm, fake))
    addresses = {"ollama_host": llm.url, "openai_base_url": f"{llm.url}/v1"}
    return Settings(_env_file=None, aegis_home=home, legacy_server=server, **addresses, **changes)


def pipeline_for(llm: FakeLLM, home: Path, **changes: object) -> LegacyPipeline:
    settings = settings_for(llm, home, **changes)
    return LegacyPipeline(settings, FakeEncoder(), legacy_llm(settings))


@pytest.fixture
def pipeline(llm: FakeLLM, tmp_path: Path) -> LegacyPipeline:
    return pipeline_for(llm, tmp_path)


def test_legacy_extracts_by_either_protocol(pipeline: LegacyPipeline, llm: FakeLLM) -> None:
    update = pipeline.update("batch", [DOCUMENT])
    assert update.documents.written == ("a.txt",)
    assert update.usage.calls == len(llm.chats)
    assert update.usage.prompt_tokens == 100 * len(llm.chats)
    assert pipeline.documents("batch")[0].entities == ("Ferranti", "Manchester")


async def test_legacy_check_names_model_and_place(pipeline: LegacyPipeline, llm: FakeLLM) -> None:
    found = await pipeline.llm.check()
    assert "llama3.2:3b" in found
    assert llm.url in found


def test_legacy_failing_server_is_no_empty_result_and_is_asked_as_often_as_lightrag_does(
    pipeline: LegacyPipeline, llm: FakeLLM
) -> None:
    llm.failures = 10**6
    report = pipeline.insert([DOCUMENT])
    assert report.written == ()
    assert "the runner has stopped" in report.failed["a.txt"]
    assert len(llm.chats) == ATTEMPTS[pipeline.settings.legacy_server]


def test_legacy_failed_document_is_tried_again(pipeline: LegacyPipeline, llm: FakeLLM) -> None:
    llm.failures = 10**6
    pipeline.insert([DOCUMENT])
    llm.failures = 0
    assert pipeline.insert([DOCUMENT]).written == ("a.txt",)


def test_legacy_garbled_answer_fails_the_document(pipeline: LegacyPipeline, llm: FakeLLM) -> None:
    llm.garbled = True
    assert set(pipeline.insert([DOCUMENT]).failed) == {"a.txt"}


def test_legacy_answer_that_lightrag_cannot_read_leaves_a_document_without_entities(
    pipeline: LegacyPipeline, llm: FakeLLM
) -> None:
    """As LightRAG has it; the gate ``legacy_documents_extracted`` counts such documents."""
    llm.answers = {"ferranti": "Certainly! Here are the entities you asked for."}
    assert pipeline.update("batch", [DOCUMENT]).documents.written == ("a.txt",)
    assert pipeline.documents("batch")[0].entities == ()


def test_legacy_slow_answer_fails_the_document(llm: FakeLLM, tmp_path: Path) -> None:
    llm.delay = 1.5
    failed = pipeline_for(llm, tmp_path, legacy_timeout_seconds=1).insert([DOCUMENT]).failed
    assert set(failed) == {"a.txt"}


def test_legacy_server_that_goes_in_the_middle_costs_what_it_had_not_done(llm: FakeLLM, tmp_path: Path) -> None:
    pipeline = pipeline_for(llm, tmp_path, extraction_max_workers=1)
    pipeline.update("batch", [DOCUMENT])
    llm.lives = 2  # the question for its models, and one of the two that a document takes
    report = pipeline.update("batch", [DOCUMENT, OTHER]).documents
    assert (report.unchanged, set(report.failed)) == (("a.txt",), {"b.txt"})
    llm.lives = None
    assert pipeline.update("batch", [DOCUMENT, OTHER]).documents.written == ("b.txt",)


def test_legacy_server_that_is_gone_is_unavailable_and_nothing_is_changed(tmp_path: Path, llm: FakeLLM) -> None:
    pipeline = pipeline_for(llm, tmp_path)
    pipeline.update("batch", [DOCUMENT])
    llm.lives = 0
    with pytest.raises(ServiceUnavailableError, match=r"then run this again"):
        pipeline.update("batch", [OTHER])
    assert [document.path for document in pipeline.documents("batch")] == ["a.txt"]


def test_legacy_server_that_speaks_something_else_is_unavailable(
    tmp_path: Path, llm: FakeLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(llm), "get", lambda *_: (200, b"<html>"))
    with pytest.raises(ServiceUnavailableError):
        pipeline_for(llm, tmp_path).insert([DOCUMENT])


def test_legacy_model_that_is_not_there_is_named(tmp_path: Path, llm: FakeLLM) -> None:
    with pytest.raises(ModelError, match=r"'other:1b' \(LEGACY_MODEL\)"):
        pipeline_for(llm, tmp_path, legacy_model="other:1b").insert([DOCUMENT])
    assert llm.chats == []


def test_legacy_model_that_went_away_fails_the_document(
    pipeline: LegacyPipeline, llm: FakeLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def there(_: object) -> str:
        return ""

    for kind in (OllamaLLM, OpenAILLM):
        monkeypatch.setattr(kind, "check", there)
    llm.models = ()
    assert "not found" in pipeline.insert([DOCUMENT]).failed["a.txt"]


def test_legacy_package_that_is_not_installed_is_named(llm: FakeLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_servers, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"pip install 'aegis-pipeline\[llm\]'"):
        legacy_llm(settings_for(llm, Path()))


def test_openai_key_is_sent_and_told_to_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serve(FakeOpenAI(answers={"ferranti": FERRANTI}, key=KEY)) as llm:
        pipeline = pipeline_for(llm, tmp_path, openai_api_key=KEY)
        assert pipeline.insert([DOCUMENT]).written == ("a.txt",)
        llm.failures = 10**6
        failed = pipeline.insert([OTHER]).failed
    assert "the runner has stopped, (the key)" in failed["b.txt"]
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(KEY.encode() in content for content in kept)
    assert KEY not in caplog.text + repr(pipeline)


def test_openai_wrong_key_is_a_wrong_setting(tmp_path: Path) -> None:
    with serve(FakeOpenAI(key=KEY)) as llm, pytest.raises(SettingsError, match="set OPENAI_API_KEY") as raised:
        pipeline_for(llm, tmp_path, openai_api_key="sk-wrong").insert([DOCUMENT])
    assert "sk-wrong" not in str(raised.value)
