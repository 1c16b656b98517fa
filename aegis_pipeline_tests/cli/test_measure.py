"""``aegis measure`` with a server that is told its answers, and phase 1 that finds the labelled names."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aegis_pipeline import settings as module
from aegis_pipeline.benchmarks import provenance
from aegis_pipeline.cli.main import app
from aegis_pipeline.errors import InputError, ServiceUnavailableError
from aegis_pipeline.models.llm_servers import ollama_version
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.records import Chunk, Mention, MentionResult, Outcome, PhaseOutcome, Span
from aegis_pipeline.relations import build_relation_extractor
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve
from aegis_pipeline_tests.relations.llm.documents import MODEL, shown_documents

LABELS = {"Ann": "PERSON", "Bob": "PERSON", "Ulm": "GPE", "Rome": "GPE"}
TYPES = {"PERSON": "person", "GPE": "place"}
BIRTHS = [("Ann", "Ulm"), ("Bob", "Rome")]


class NamesOfLabels:
    version = "1"

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        found = [
            Mention(c.document_id, c.id, 0, Span(*match.span()), match[0], label, TYPES[label], "told", context=c.text)
            for c in chunks
            for match in re.finditer(r"\w+", c.text)
            if (label := LABELS.get(match[0]))
        ]
        return MentionResult(tuple(found), tuple(PhaseOutcome(c.document_id, Outcome.OK) for c in chunks))


def answer(body: dict[str, Any]) -> str:
    """Where everybody was born, but for the last document, with a quote that does not stand in the text."""
    shown = shown_documents(body)
    quotes = dict.fromkeys((one["document"] for one in shown[:-1]), "was born in") | {shown[-1]["document"]: "moved to"}
    return json.dumps({key: [[1, "place_of_birth", 2, quote, 9]] for key, quote in quotes.items()})


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path, lines = tmp_path / "gold.jsonl", []
    for number, (who, where) in enumerate(BIRTHS * 2):
        text = f"{who} was born in {where}."
        spans = [(text.index(name), name) for name in (who, where)]
        mentions = [{"start": s, "end": s + len(name), "cluster": c} for c, (s, name) in enumerate(spans)]
        relations = [{"head": 0, "tail": 1, "pid": "P19", "evidence": [0]}]
        document = {"id": f"d{number}", "text": text, "sents": [[0, len(text)]]}
        lines.append(json.dumps(document | {"mentions": mentions, "relations": relations}))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def ollama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOllama]:
    with serve(FakeOllama(models=(MODEL,), answer_to=answer)) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        monkeypatch.setenv("AEGIS_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("RELATION_FALLBACK", "none")
        module.settings.cache_clear()
        encoder = FakeEncoder()
        monkeypatch.setattr(
            ThreePhaseExtractor,
            "from_settings",
            lambda settings: ThreePhaseExtractor(
                NamesOfLabels(), build_relation_extractor(settings), encoder.count_tokens, 256, encoder.encode
            ),
        )
        yield server
        module.settings.cache_clear()


def measure(gold: Path, *options: str) -> tuple[dict[str, Any], str]:
    out = gold.with_name("result.json")
    arguments = ["measure", str(gold), "--out", str(out), "--ner", "spacy", "--backend", "ollama", *options]
    run = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return json.loads(out.read_text(encoding="utf-8")), run.output


def test_result_has_quality_rejections_outcomes_and_cost(ollama: FakeOllama, gold: Path) -> None:
    found, printed = measure(gold, "--documents", "0-2")
    quality = found["quality"]
    assert (quality["documents"], quality["ner_span"]["f1"]) == (3, 1)
    assert {name: quality["rel_soft"][name] for name in ("tp", "fp", "fn")} == {"tp": 2, "fp": 0, "fn": 1}
    assert (quality["rel_pair"]["r"], quality["properties"]["P19"]["fn"]) == (0.6667, 1)
    assert quality["evidence"]["first sentence right"] == 1
    assert found["statements"]["rejected"] == {"quote_not_in_text": 1}
    assert found["outcomes"]["relations"] == {"empty": 1, "ok": 2}
    spent = found["a document"]
    assert (len(ollama.chats), spent["calls"], spent["prompt tokens"], spent["answer tokens"]) == (1, 0.333, 33, 2)
    assert "rel_soft  P 1.0000  R 0.6667  F1 0.8000" in printed


def test_result_says_what_it_was_made_with_and_nothing_of_the_machine(ollama: FakeOllama, gold: Path) -> None:
    found, printed = measure(gold)
    assert found["command"] == "aegis measure gold.jsonl --ner spacy --backend ollama --out FILE"
    assert (found["data"]["name"], found["data"]["documents"]) == ("gold.jsonl", "0-3")
    assert found["model"]["name"] == MODEL
    assert found["settings"]["RELATION_MODEL"] == MODEL
    text = json.dumps(found)
    assert ollama.url not in text
    assert str(gold.parent) not in text
    assert found["unproven"] == f"the server tells no digest of the model's files, but 'digest of {MODEL}'"
    assert "nobody can tell" in printed.replace("\n", " ")


def test_a_digest_and_a_version_are_proof(ollama: FakeOllama, gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def digest(*_: str) -> str:
        return "0f" * 32

    monkeypatch.setattr(provenance, "find_ollama_model", digest)
    assert measure(gold)[0]["unproven"] == "the server tells no version, but 'fake'"
    monkeypatch.setattr(provenance, "ollama_version", lambda _: "0.17.4")
    assert "unproven" not in measure(gold)[0]


def test_kept_answers_are_told_of(ollama: FakeOllama, gold: Path) -> None:
    measure(gold)
    again, printed = measure(gold)
    assert (again["a document"]["calls"], again["a document"]["answers from the cache"]) == (0, 4)
    assert "4 answers were kept from before" in printed


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--documents", "7-9"], "has fewer lines"), (["--model", "gemma3:4b"], "add --backend ollama")],
)
def test_what_cannot_be_measured_is_refused(gold: Path, options: list[str], says: str) -> None:
    module.settings.cache_clear()
    with pytest.raises(InputError, match=says):
        CliRunner().invoke(app, ["measure", str(gold), "--out", "x", *options], catch_exceptions=False)


def test_without_a_server_nothing_is_measured(gold: Path, ollama: FakeOllama) -> None:
    ollama.lives = 0
    with pytest.raises(ServiceUnavailableError):
        measure(gold)
    with pytest.raises(ServiceUnavailableError, match="tells its version"):
        ollama_version(ollama.url)
