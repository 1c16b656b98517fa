"""The legacy arm against a server that speaks Ollama's protocol: what works, and what fails in the open."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy

from aegis_pipeline.errors import ModelError, ServiceUnavailableError
from aegis_pipeline.pipeline import legacy
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve

TEXT = "Lyons employs EDSAC."
FOUND = "\n".join(
    (
        "entity<|#|>Lyons<|#|>organization<|#|>Lyons is a company.",
        "entity<|#|>EDSAC<|#|>product<|#|>EDSAC is a machine.",
        "relation<|#|>Lyons<|#|>EDSAC<|#|>employer<|#|>Lyons employs EDSAC.",
        "<|COMPLETE|>",
    )
)


def _document(text: str = TEXT, name: str = "a.txt") -> Document:
    return Document(name, name, text, "hash")


def _pipeline(home: Path, ollama: FakeOllama, model: str = "gemma3:4b") -> LegacyPipeline:
    settings = Settings(_env_file=None, aegis_home=home, ollama_host=ollama.url, ollama_model=model)
    return LegacyPipeline(settings, FakeEncoder())


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with serve(FakeOllama(answers={"edsac": FOUND})) as running:
        yield running


@pytest.fixture
def pipeline(tmp_path: Path, ollama: FakeOllama) -> LegacyPipeline:
    return _pipeline(tmp_path, ollama)


def test_legacy_extracts_by_the_model_and_finds_it_again(pipeline: LegacyPipeline, ollama: FakeOllama) -> None:
    report = pipeline.insert([_document()])
    assert (report.written, report.unchanged, report.failed) == (("a.txt",), (), {})
    assert {chat["model"] for chat in ollama.chats} == {"gemma3:4b"}
    assert ollama.chats[0]["options"]["num_ctx"] == 16384
    found = pipeline.retrieve("Who employs EDSAC?", "mix", ["Lyons employs EDSAC"], ["EDSAC machine"], 5)
    assert {row["entity_name"] for row in found["entities"]} == {"Lyons", "EDSAC"}
    assert [(row["src_id"], row["tgt_id"]) for row in found["relationships"]] == [("EDSAC", "Lyons")]
    assert [source["path"] for row in found["chunks"] for source in row["sources"]] == ["a.txt"]


def test_legacy_answers_without_the_model(
    pipeline: LegacyPipeline, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.insert([_document()])
    asked = len(ollama.chats)
    monkeypatch.setattr(legacy, "load_spacy", lambda *_, **__: spacy.blank("en"))
    answer = pipeline.query("Which Lyons employs EDSAC?", QueryMode.NAIVE, 5)
    assert [sentence.source.path for sentence in answer.sentences] == ["a.txt"]
    assert len(ollama.chats) == asked


def test_legacy_inserts_once_and_replaces_what_changed(pipeline: LegacyPipeline, ollama: FakeOllama) -> None:
    pipeline.insert([_document()])
    asked = len(ollama.chats)
    assert pipeline.insert([_document()]).unchanged == ("a.txt",)
    assert len(ollama.chats) == asked
    assert pipeline.insert([_document("It rained in Lyons.")]).written == ("a.txt",)
    found = pipeline.retrieve("Which rain?", "naive", ["x"], ["It rained in Lyons"], 5)
    assert pipeline.retrieve("Who employs EDSAC?", "local", ["x"], ["EDSAC machine"], 5) == {}
    assert TEXT not in str(found)


def test_legacy_failing_model_is_no_empty_result(pipeline: LegacyPipeline, ollama: FakeOllama) -> None:
    ollama.failures = 10**6
    report = pipeline.insert([_document()])
    assert report.written == ()
    assert "the runner has stopped" in report.failed["a.txt"]


def test_legacy_failed_document_is_tried_again(pipeline: LegacyPipeline, ollama: FakeOllama) -> None:
    ollama.failures = 10**6
    pipeline.insert([_document()])
    ollama.failures = 0
    assert pipeline.insert([_document()]).written == ("a.txt",)


def test_legacy_server_that_refuses_is_unavailable(tmp_path: Path) -> None:
    with serve(FakeOllama()) as gone:
        pass
    with pytest.raises(ServiceUnavailableError, match="ollama serve"):
        _pipeline(tmp_path, gone).insert([_document()])


def test_legacy_model_that_is_not_there_is_named(tmp_path: Path, ollama: FakeOllama) -> None:
    with pytest.raises(ModelError, match=r"'other:1b'.*ollama pull other:1b"):
        _pipeline(tmp_path, ollama, "other:1b").insert([_document()])
    assert ollama.chats == []


def test_legacy_model_that_went_away_fails_the_document(
    pipeline: LegacyPipeline, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def there(_: LegacyPipeline) -> None: ...

    monkeypatch.setattr(LegacyPipeline, "_check_server", there)
    ollama.models = ()
    assert "not found" in pipeline.insert([_document()]).failed["a.txt"]


@pytest.mark.parametrize("sentences", [1, 300])
def test_legacy_text_keeps_its_letters_and_places(pipeline: LegacyPipeline, sentences: int) -> None:
    text = " ".join(f"Sentence {n} of Lyons has Words." for n in range(sentences))
    pipeline.insert([_document(text)])
    found = pipeline.retrieve("Which Sentence of Lyons?", "naive", ["x"], ["x"], 5)
    assert len(found["chunks"]) == (1 if sentences == 1 else 2)
    for row in found["chunks"]:
        (source,) = row["sources"]
        assert text[source["start"] : source["end"]] == row["content"]
