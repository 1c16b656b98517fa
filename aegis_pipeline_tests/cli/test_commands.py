"""The commands from the outside: help, output formats, and errors that say what to do."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis_pipeline import settings as module
from aegis_pipeline.cli.console import run as run_app
from aegis_pipeline.cli.main import app
from aegis_pipeline.reader.files import ReaderFiles
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve
from aegis_pipeline_tests.fakes.relation_reader import MANIFEST

COMMANDS = {"run", "demo", "query", "manifest", "graph", "explain", "changes", "compare", "extract", "score", "doctor"}
COMMANDS |= {"train-reader", "ui", "remove", "retry", "measure", "audit", "rebuild", "monitor", "gpu-profile"}
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AEGIS_HOME", str(tmp_path / "home"))
    module.settings.cache_clear()
    yield tmp_path / "home"
    module.settings.cache_clear()


def failure(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and message of a command that ends with an error of ours."""
    with pytest.raises(SystemExit) as ended:
        run_app(lambda: app(list(arguments)))
    return int(str(ended.value.code)), capsys.readouterr().err


def test_every_command_has_help_and_stands_in_the_docs() -> None:
    assert {command.name for command in app.registered_commands} == COMMANDS
    documented = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    for command in sorted(COMMANDS):
        result = CliRunner().invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert f"`aegis {command}`" in documented


def test_help_loads_no_model_library() -> None:
    code = (
        "import sys; from aegis_pipeline.cli.main import app; "
        "sys.exit(any(name in sys.modules for name in ('torch', 'spacy', 'dagster', 'lightrag')))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "nowhere"), "is no folder of documents"),
        (("query", "Who?"), "Run: aegis run FOLDER"),
        (("manifest",), "Run: aegis run FOLDER"),
        (("retry",), "Run: aegis run FOLDER"),
        (("graph", "--out", "x"), "Run: aegis run FOLDER"),
        (("changes",), "Run: aegis run FOLDER"),
        (("explain", "ICL"), "Run: aegis run FOLDER"),
        (("compare", "b"), "Run: aegis run FOLDER"),
        (("extract", "nowhere", "--out", "x"), "neither a folder nor a file"),
        (("score", "nowhere", "nowhere"), "nowhere"),
    ],
)
def test_errors_say_what_to_do(
    arguments: tuple[str, ...],
    says: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, message = failure(*arguments, capsys=capsys)
    assert code == 2
    assert says in message


def test_a_wrong_setting_names_the_valid_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTRACTION_PIPELINE", "magic")
    code, message = failure("manifest", capsys=capsys)
    assert code == 2
    assert "EXTRACTION_PIPELINE='magic'" in message
    assert "'three_phase' or 'lightrag_default'" in message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "line 2"),
        ('{"id": "b"}', "text"),
        ('{"id": "a", "text": "again"}', "stands there twice"),
    ],
)
def test_extract_names_the_line_that_is_wrong(
    line: str, says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "input.jsonl"
    source.write_text(f'{{"id": "a", "text": "fine"}}\n{line}\n', encoding="utf-8")
    code, message = failure("extract", str(source), "--out", str(tmp_path / "out"), capsys=capsys)
    assert code == 2
    assert says in message


@pytest.mark.models
def test_extract_writes_the_documented_format(tmp_path: Path) -> None:
    text = "  Ferranti &amp; Co.\n\nTom Kilburn was born in Dewsbury in 1921. He paid £5."
    source, out = tmp_path / "input.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps({"id": "a", "text": text}), json.dumps({"id": "empty", "text": ""}), ""]
    source.write_text("\n".join(lines), encoding="utf-8")
    assert CliRunner().invoke(app, ["extract", str(source), "--out", str(out)]).exit_code == 0
    first, empty = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert empty == {"id": "empty", "nodes": [], "edges": []}
    assert first.keys() == {"id", "nodes", "edges"}
    spans = {text[m["start"] : m["end"]]: m["label"] for node in first["nodes"] for m in node["mentions"]}
    assert spans["Tom Kilburn"] == "PERSON"
    assert spans["1921"] == "DATE"
    assert any(label == "MONEY" for label in spans.values())
    assert all(node.keys() == {"id", "name", "type", "aliases", "mentions"} for node in first["nodes"])
    ids = {node["id"] for node in first["nodes"]}
    assert "place_of_birth" in {edge["predicate"] for edge in first["edges"]}
    for edge in first["edges"]:
        assert edge.keys() == {"head", "tail", "predicate", "pid", "confidence", "evidence", "further_evidence"}
        assert {edge["head"], edge["tail"]} <= ids
        assert "born" in text[edge["evidence"]["start"] : edge["evidence"]["end"]]


def test_doctor_fails_where_the_home_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    monkeypatch.setenv("AEGIS_HOME", str(blocker / "home"))
    module.settings.cache_clear()
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "Set AEGIS_HOME" in result.stdout


def test_doctor_names_the_command_for_a_missing_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACY_MODEL", "xx_core_web_none")
    module.settings.cache_clear()
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "xx_core_web_none" in result.stdout


def test_doctor_says_which_relation_schema_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module.settings.cache_clear()
    assert "RELATION_SCHEMA=relations.yaml: 96 predicates" in CliRunner().invoke(app, ["doctor"]).stdout
    monkeypatch.setenv("RELATION_SCHEMA", str(tmp_path / "none.yaml"))
    module.settings.cache_clear()
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "No such file" in result.stdout


def test_doctor_says_what_the_reader_is_and_whether_its_weights_are_those(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tagger.safetensors").write_bytes(b"weights")
    manifest = MANIFEST.model_copy(update={"sha256": {"tagger.safetensors": hashlib.sha256(b"weights").hexdigest()}})
    ReaderFiles(tmp_path, manifest).write()
    monkeypatch.setenv("READER_MODEL", str(tmp_path))
    module.settings.cache_clear()
    assert "learned from gold 0-1, tuned on 2-3; tagger.safetensors" in CliRunner().invoke(app, ["doctor"]).stdout
    (tmp_path / "tagger.safetensors").write_bytes(b"others")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert f"expected {manifest.sha256['tagger.safetensors']}" in result.stdout


@pytest.mark.parametrize(
    ("models", "is_up", "code", "says"),
    [
        (("gemma3:4b",), True, 0, "ok       LLM of RELATION_BACKEND: gemma3:4b on the Ollama server at"),
        (("other:1b",), True, 1, "ollama pull gemma3:4b"),
        (("gemma3:4b",), False, 1, "start it by `ollama serve`"),
    ],
)
def test_doctor_says_whether_the_llm_is_there(
    models: tuple[str, ...], is_up: bool, code: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELATION_BACKEND", "ollama")
    with serve(FakeOllama(models=models)) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url if is_up else "http://127.0.0.1:9")
        module.settings.cache_clear()
        result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == code
    assert says in result.stdout.split("LLM of lightrag_default")[0]


def test_completion_is_there() -> None:
    environment = {**os.environ, "_AEGIS_COMPLETE": "complete_bash", "COMP_WORDS": "aegis ma", "COMP_CWORD": "1"}
    aegis = Path(sys.executable).with_name("aegis")
    result = subprocess.run([aegis], env=environment, capture_output=True, text=True, timeout=60)
    assert "manifest" in result.stdout
