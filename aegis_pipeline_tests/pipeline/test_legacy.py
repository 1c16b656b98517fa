"""The legacy arm against servers that speak the two protocols: what it keeps, replaces, takes out, and finds again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy

from aegis_pipeline.pipeline import legacy
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.legacy_llm import legacy_llm
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.llm_server import ANSWER_TOKENS, PROMPT_TOKENS, serve
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama

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


def _pipeline(home: Path, ollama: FakeOllama, **changes: object) -> LegacyPipeline:
    settings = Settings(_env_file=None, aegis_home=home, ollama_host=ollama.url, **changes)
    return LegacyPipeline(settings, FakeEncoder(), legacy_llm(settings))


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
    assert {chat["model"] for chat in ollama.chats} == {"llama3.2:3b"}
    assert ollama.chats[0]["options"] == {"num_ctx": 16384, "num_predict": 4096, "temperature": 0}
    found = pipeline.retrieve("Who employs EDSAC?", "mix", ["Lyons employs EDSAC"], ["EDSAC machine"], 5)
    assert {row["entity_name"] for row in found["entities"]} == {"Lyons", "EDSAC"}
    assert [(row["src_id"], row["tgt_id"]) for row in found["relationships"]] == [("EDSAC", "Lyons")]
    assert [source["path"] for row in found["chunks"] for source in row["sources"]] == ["a.txt"]


def test_legacy_counts_what_the_model_was_asked(pipeline: LegacyPipeline, ollama: FakeOllama) -> None:
    usage = pipeline.update("batch", [_document()]).usage
    assert usage.calls == len(ollama.chats) > 0
    assert (usage.prompt_tokens, usage.answer_tokens) == (usage.calls * PROMPT_TOKENS, usage.calls * ANSWER_TOKENS)


def test_legacy_tells_what_it_has_of_a_document(pipeline: LegacyPipeline) -> None:
    pipeline.update("batch", [_document(name="x/a.txt")])
    (found,) = pipeline.documents("batch")
    assert (found.path, found.text, found.chunks) == ("x/a.txt", TEXT, 1)
    assert found.entities == ("EDSAC", "Lyons")
    assert found.relations == (("EDSAC", "Lyons"),)


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


def test_legacy_keeps_to_its_own_files_in_every_profile(
    tmp_path: Path, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LightRAG takes stores and their workspaces from the environment as well: neither server answers here."""
    servers = {"NEO4J_URI": "bolt://127.0.0.1:1", "POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": "1"}
    workspaces = dict.fromkeys(("NEO4J_WORKSPACE", "POSTGRES_WORKSPACE", "WORKSPACE", "AEGIS_WORKSPACE"), "aegis")
    for name, value in (servers | workspaces).items():
        monkeypatch.setenv(name, value)
    pipeline = _pipeline(tmp_path, ollama, aegis_profile="production")
    assert pipeline.insert([_document()]).written == ("a.txt",)
    assert {path.name for path in tmp_path.iterdir()} == {"legacy"}


def test_legacy_extracts_again_by_another_model(tmp_path: Path, ollama: FakeOllama) -> None:
    ollama.models = ("llama3.2:3b", "other:1b")
    _pipeline(tmp_path, ollama).insert([_document()])
    assert _pipeline(tmp_path, ollama, legacy_model="other:1b").insert([_document()]).written == ("a.txt",)
    assert ollama.chats[-1]["model"] == "other:1b"


def test_legacy_batch_holds_its_documents_and_no_other(pipeline: LegacyPipeline) -> None:
    other, kept, gone = (_document(f"{TEXT} {name}", name) for name in ("other", "kept", "gone"))
    pipeline.insert([other])
    pipeline.update("batch", [kept, gone])
    update = pipeline.update("batch", [kept])
    assert (update.removed, update.documents.unchanged, update.usage.calls) == (("gone",), ("kept",), 0)
    assert [document.path for document in pipeline.documents("batch")] == ["kept"]
    assert [document.path for document in pipeline.documents("library")] == ["other"]
    found = pipeline.retrieve("Who employs EDSAC?", "mix", ["Lyons employs EDSAC"], ["EDSAC machine"], 5)
    assert {row["entity_name"] for row in found["entities"]} == {"EDSAC", "Lyons"}


def test_legacy_needs_no_server_for_what_it_has(tmp_path: Path) -> None:
    with serve(FakeOllama(answers={"edsac": FOUND})) as gone:
        pipeline = _pipeline(tmp_path, gone)
        pipeline.update("batch", [_document(), _document(f"{TEXT} Too.", "b.txt")])
    assert pipeline.update("batch", [_document()]).removed == ("b.txt",)
    assert [document.path for document in pipeline.documents("batch")] == ["a.txt"]


def test_legacy_document_without_text_is_not_in_the_graph(pipeline: LegacyPipeline, ollama: FakeOllama) -> None:
    report = pipeline.insert([_document(" ")])
    assert (report.written, report.failed, ollama.chats) == ((), {"a.txt": "no text"}, [])


def test_legacy_text_that_stands_twice_is_told_and_comes_when_the_other_goes(pipeline: LegacyPipeline) -> None:
    first, second = _document(name="a.txt"), _document(name="b.txt")
    failed = pipeline.update("batch", [first, second]).documents.failed
    assert failed == {"b.txt": "another has the same text"}
    assert pipeline.update("batch", [first, second]).removed == ()
    assert pipeline.update("batch", [second]).documents.written == ("b.txt",)
    assert [document.path for document in pipeline.documents("batch")] == ["b.txt"]


@pytest.mark.parametrize("sentences", [1, 300])
def test_legacy_text_keeps_its_letters_and_places(pipeline: LegacyPipeline, sentences: int) -> None:
    text = " ".join(f"Sentence {n} of Lyons has Words." for n in range(sentences))
    pipeline.insert([_document(text)])
    found = pipeline.retrieve("Which Sentence of Lyons?", "naive", ["x"], ["x"], 5)
    assert len(found["chunks"]) == (1 if sentences == 1 else 2)
    for row in found["chunks"]:
        (source,) = row["sources"]
        assert text[source["start"] : source["end"]] == row["content"]
