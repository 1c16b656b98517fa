"""What an LLM loses, through Dagster and ``aegis retry``: tables, metadata, gates, graph; a server without a model."""

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from aegis_pipeline import definitions, tables
from aegis_pipeline.cli.main import app
from aegis_pipeline.defs.launch import retry_batch
from aegis_pipeline.defs.resources import EncoderResource
from aegis_pipeline.defs.summaries import RunSummary
from aegis_pipeline.errors import SettingsError
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.kept import MENTIONS, PhaseUpdate
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.records import (
    Document,
    DocumentStatus,
    Entity,
    Fingerprint,
    ManifestRow,
    Outcome,
    PhaseOutcome,
    RelationInput,
)
from aegis_pipeline.relations import factory
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.llm_server import Told
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve
from aegis_pipeline_tests.relations.llm.documents import MODEL, EmbeddedBirths, documents, read_births

pytestmark = pytest.mark.dagster

BATCH = "births"
DROPPED = Told(sent_bytes=10)
THREE_OF_TEN = [DROPPED, Told(), Told(), DROPPED, Told(), Told(), Told(), DROPPED, Told(), Told()]
ENVIRONMENT = {
    "RELATION_BACKEND": "ollama",
    "RELATION_CALL_TOKENS": "500",  # many calls
    "RELATION_RETRY_ATTEMPTS": "1",
    "EXTRACTION_MAX_WORKERS": "1",
}


@pytest.fixture
def llm(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOllama]:
    """A server that the settings name, and a batch that has gone through the first two phases."""
    monkeypatch.setattr(EncoderResource, "encoder", lambda *_: FakeEncoder())
    monkeypatch.setattr(factory, "_embedded", lambda *_: EmbeddedBirths())
    with serve(FakeOllama(models=(MODEL,), answer_to=read_births)) as server:
        configure(monkeypatch, OLLAMA_HOST=server.url, **ENVIRONMENT)
        prepare(document_lake(settings()), documents(40, chunks=2))
        yield server
    monkeypatch.undo()
    configure(monkeypatch)


def configure(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Set them, also as the defaults of Dagster's resources, which are made when the definitions are loaded."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    importlib.reload(definitions)


def prepare(lake: DocumentLake, read: Sequence[RelationInput]) -> None:
    ids = [each.document_id for each in read]
    mentions = [mention for each in read for mention in each.mentions]
    lake.bind(BATCH, "nowhere")
    lake.write(BATCH, tables.MANIFEST, [ManifestRow(f"{d}.txt", d, DocumentStatus.PARSED) for d in ids])
    lake.write(BATCH, tables.DOCUMENTS, [Document(each.document_id, "", each.text, "") for each in read])
    lake.write(BATCH, tables.CHUNKS, [chunk for each in read for chunk in each.chunks])
    lake.write(BATCH, tables.MENTIONS, mentions)
    lake.write(BATCH, tables.NER_OUTCOMES, [PhaseOutcome(d, Outcome.OK) for d in ids])
    lake.write(BATCH, MENTIONS.fingerprints, [Fingerprint(d, "same") for d in ids])
    entities = [Entity(f"entity {m.text}", m.text, m.text, m.type, (), (m,)) for m in mentions]
    lake.write(BATCH, tables.ENTITIES, entities)
    lake.write(BATCH, tables.ENTITY_OUTCOMES, [])


def run() -> RunSummary:
    return retry_batch(BATCH, settings())


def retry() -> Result:
    return CliRunner().invoke(app, ["retry"])


def gate(summary: RunSummary) -> tuple[bool, str]:
    return next((found.passed, found.severity) for found in summary.gates if found.name == "degraded_fraction")


def read_by_llm() -> int:
    extractors = document_lake(settings()).column(BATCH, tables.RELATIONS, "extractor")
    return sum(extractor.startswith("ollama") for extractor in extractors)


def letters() -> int:
    return len(document_lake(settings()).read(BATCH, tables.DEAD_LETTERS))


def test_what_three_of_ten_calls_lose_is_blocked_and_retried(
    llm: FakeOllama, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, RELATION_FALLBACK="none")
    llm.told += THREE_OF_TEN * 100
    first = run()
    lost, metadata = letters(), first.assets["relations"]
    assert 0 < lost == 80 - read_by_llm() < 80
    assert (metadata["aegis/dead_letters"], metadata["aegis/dead_letters/unreachable"]) == (lost, lost)
    assert metadata["aegis/llm/calls"] == len(llm.chats)
    assert (first.success, gate(first)) == (False, (False, "ERROR"))
    assert Generations(home / "graph").current is None
    llm.told.clear()
    asked = len(llm.chats)
    again = retry()
    assert (again.exit_code, letters(), read_by_llm()) == (0, 0, 80)
    assert f"{BATCH}: {lost} dead letter(s) ({lost} unreachable)" in again.output
    assert f"{BATCH}: 0 dead letter(s) left" in again.output
    assert 0 < len(llm.chats) - asked < asked
    assert Generations(home / "graph").current is not None
    assert "There are no dead letters" in retry().output
    assert gate(run()) == (True, "ERROR")


def test_retry_ends_with_1_while_some_are_left(llm: FakeOllama) -> None:
    llm.told += [DROPPED] * 1000
    run()
    assert retry().exit_code == 1
    llm.told[:] = THREE_OF_TEN * 100
    result = retry()
    assert (result.exit_code, 0 < letters() < 80) == (1, True)
    llm.told.clear()
    assert (retry().exit_code, letters()) == (0, 0)


@pytest.mark.parametrize(("allowed", "severity"), [("true", "WARN"), ("false", "ERROR")])
def test_an_outage_is_read_by_the_embedded_extractor_where_that_is_allowed(
    llm: FakeOllama, monkeypatch: pytest.MonkeyPatch, allowed: str, severity: str
) -> None:
    configure(monkeypatch, ALLOW_RELATION_FALLBACK=allowed)
    llm.models = ()
    summary = run()
    found = document_lake(settings()).column(BATCH, tables.RELATIONS, "extractor")
    assert (set(found), len(found), letters()) == ({"embedded 1"}, 80, 80)
    assert (summary.success, gate(summary)) == (severity == "WARN", (False, severity))
    assert summary.assets["relations"]["aegis/dead_letters/given_up"] == 80


def test_a_malformed_document_is_asked_for_again_too(llm: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although its outcome is settled: a retry is for whatever was lost."""
    configure(monkeypatch, RELATION_FALLBACK="none")
    llm.answer_to = lambda body: "…" if "Annx7x" in body["messages"][-1]["content"] else read_births(body)
    run()
    assert letters() == 2
    llm.answer_to = read_births
    assert (retry().exit_code, letters()) == (0, 0)


def test_a_batch_that_was_not_read_is_not_written_by_a_retry(llm: FakeOllama, home: Path) -> None:
    unread = [ManifestRow("a.pdf", "a", DocumentStatus.MALFORMED)]
    document_lake(settings()).write(BATCH, tables.MANIFEST, unread)
    assert not run().success
    assert (llm.chats, Generations(home / "graph").current) == ([], None)


def test_retry_without_an_llm_says_what_to_set(llm: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    llm.models = ()
    run()
    configure(monkeypatch, RELATION_BACKEND="embedded")
    assert isinstance(error := retry().exception, SettingsError)
    assert "RELATION_BACKEND=embedded asks no LLM" in str(error)


@pytest.mark.parametrize(("error", "attempts"), [(MemoryError(), 2), (SettingsError("no such thing"), 1)])
def test_a_step_is_tried_again_where_that_may_help_and_goes_on_from_what_was_answered(
    llm: FakeOllama, monkeypatch: pytest.MonkeyPatch, error: Exception, attempts: int
) -> None:
    write, made = PhaseUpdate.write, []

    def fail_once(self: PhaseUpdate, *rows: Any) -> None:
        made.append(len(llm.chats))
        if len(made) == 1:
            raise error
        write(self, *rows)

    monkeypatch.setattr(PhaseUpdate, "write", fail_once)
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda *_: 0)
    summary = run()
    assert (len(made), len(set(made)), summary.success) == (attempts, 1, attempts == 2)
    assert summary.error == (None if summary.success else "SettingsError: no such thing")
    if summary.success:
        assert summary.assets["relations"]["aegis/llm/from_cache"] == 40
