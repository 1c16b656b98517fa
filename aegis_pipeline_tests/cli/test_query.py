"""``aegis query --answer``: what is printed with a server, and without one."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from aegis_pipeline import settings as module
from aegis_pipeline.cli import query
from aegis_pipeline.cli.console import EXIT_RETRY
from aegis_pipeline.cli.console import run as run_app
from aegis_pipeline.cli.main import app
from aegis_pipeline.graph.query import Answer, Keywords, Passage, Source
from aegis_pipeline.records import QueryMode
from aegis_pipeline_tests.fakes.llm_server import Told, serve
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama

TEXT = "Lyons employs EDSAC."
PASSAGE = Passage(TEXT, Source("a.txt", 0, len(TEXT)))
FOUND = Answer("Who?", QueryMode.HYBRID, Keywords(("EDSAC",), ("employer",)), (), (), (PASSAGE,), ())
CITED = {"text": "Lyons \x1b[2J does.", "sources": [1]}
SAID = {"sentences": [CITED, {"text": "So they say.", "sources": []}]}


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOllama]:
    monkeypatch.setattr(query, "_ask", lambda *_: FOUND)
    with serve(FakeOllama(models=("gemma3:4b",), told=[Told(text=json.dumps(SAID))])) as fake:
        monkeypatch.setenv("OLLAMA_HOST", fake.url)
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        module.settings.cache_clear()
        yield fake
    module.settings.cache_clear()


def test_each_sentence_names_a_passage_below() -> None:
    printed = CliRunner().invoke(app, ["query", "Who?", "--answer"]).stdout
    assert "  Lyons \\x1b[2J does.  [1]\n" in printed
    assert f"  1. {TEXT}  [a.txt:0-{len(TEXT)}]\n" in printed
    assert "left out: 1 sentence(s)" in printed
    assert "So they say" not in printed


def test_as_json_it_stands_beside_what_was_retrieved() -> None:
    printed = json.loads(CliRunner().invoke(app, ["query", "Who?", "--answer", "--format", "json"]).stdout)
    assert printed["written"]["sentences"] == [CITED]
    assert printed["passages"][0]["text"] == TEXT


def test_no_llm_is_asked_without_the_option(server: FakeOllama) -> None:
    assert "Answer by" not in CliRunner().invoke(app, ["query", "Who?"]).stdout
    assert not server.chats


def test_without_a_server_the_context_is_printed_and_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    module.settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        run_app(lambda: app(["query", "Who?", "--answer"]))
    assert ended.value.code == EXIT_RETRY
    printed = capsys.readouterr()
    assert TEXT in printed.out
    assert "ollama pull gemma3:4b" in printed.err
