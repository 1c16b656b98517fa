"""Both arms in the job, with the real models and a server that speaks Ollama's protocol: which one runs, and where it
writes."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.graph.archive import read_corpus
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.defs.job import metadata, run
from aegis_pipeline_tests.fakes.ollama_server import FERRANTI, FakeOllama, serve

pytestmark = [pytest.mark.dagster, pytest.mark.models]

Run = Callable[..., dg.ExecuteInProcessResult]
THREE_PHASES = {"ner_entities", "deduplicated_entities", "relations", "knowledge_graph"}
LEGACY_ONLY = {"extraction_pipeline": "lightrag_default"}
BOTH = {"enable_legacy_extraction": True}


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOllama]:
    with serve(FakeOllama(answers={"ferranti": FERRANTI})) as running:
        monkeypatch.setenv("OLLAMA_HOST", running.url)
        settings.cache_clear()
        yield running


@pytest.fixture
def job(home: Path, folder: Path, ollama: FakeOllama) -> Run:
    """Runs the job with these fields of ``arms`` in the run's configuration."""

    def again(**arms: object) -> dg.ExecuteInProcessResult:
        with dg.DagsterInstance.ephemeral() as instance:
            return run(folder, instance, {"arms": arms})

    return again


def made(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}


def written(home: Path) -> dict[str, str]:
    """Every file of our graph, by its content: those of the generation that holds, and which one that is."""
    graph = Generations(home / "graph")
    files = (path for path in graph.folder(str(graph.current)).rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_three_phases_run_alone_by_default(job: Run, home: Path, ollama: FakeOllama) -> None:
    result = job()
    assert made(result) == {"raw_documents"} | THREE_PHASES
    assert ollama.chats == []
    assert not (home / "legacy").exists()


def test_the_legacy_arm_runs_beside_and_never_writes_to_our_graph(job: Run, home: Path) -> None:
    job()
    before = written(home)
    result = job(**BOTH)
    assert made(result) == {"raw_documents", "legacy_graph"} | THREE_PHASES
    assert written(home) == before
    found = metadata(result, "legacy_graph")
    assert (found["aegis/documents/computed"], found["aegis/documents/failed"]) == (3, 0)
    assert found["aegis/llm/calls"] == 6
    assert found["aegis/llm/prompt_tokens"] == 6 * 100
    assert found["aegis/entities"] == 2


def test_the_legacy_arm_runs_alone(job: Run, home: Path) -> None:
    result = job(**LEGACY_ONLY)
    assert result.success
    assert made(result) == {"raw_documents", "legacy_graph"}
    assert Generations(home / "graph").current is None


@pytest.mark.parametrize(("percent", "chosen"), [(0, {"legacy_graph"}), (100, THREE_PHASES)])
def test_the_rollout_sends_the_batch_one_way(job: Run, percent: int, chosen: set[str]) -> None:
    assert made(job(extraction_rollout_percent=percent)) == {"raw_documents"} | chosen


def test_the_environment_chooses_as_well(job: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTION_PIPELINE", "lightrag_default")
    settings.cache_clear()
    assert made(job()) == {"raw_documents", "legacy_graph"}
    assert made(job(extraction_pipeline="three_phase")) == {"raw_documents"} | THREE_PHASES


def test_a_second_run_asks_nothing_and_a_removed_document_goes(job: Run, folder: Path, ollama: FakeOllama) -> None:
    job(**LEGACY_ONLY)
    asked = len(ollama.chats)
    again = metadata(job(**LEGACY_ONLY), "legacy_graph")
    assert (again["aegis/documents/kept"], again["aegis/documents/computed"]) == (3, 0)
    (folder / "ferranti.txt").unlink()
    fewer = metadata(job(**LEGACY_ONLY), "legacy_graph")
    assert (fewer["aegis/documents/removed"], fewer["aegis/documents/kept"]) == (1, 2)
    assert (fewer["dagster/uri"], len(ollama.chats)) == (again["dagster/uri"], asked)


def gates(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, dg.AssetCheckSeverity]]:
    return {check.check_name: (check.passed, check.severity) for check in result.get_asset_check_evaluations()}


def test_a_server_that_is_gone_leaves_our_graph_in_order(
    job: Run, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(FakeOllama()) as gone:
        monkeypatch.setenv("OLLAMA_HOST", gone.url)
        settings.cache_clear()
    result = job(**BOTH)
    assert not result.success
    assert made(result) == {"raw_documents"} | THREE_PHASES
    current = str(Generations(home / "graph").current)
    assert set(read_corpus(Generations(home / "graph").folder(current)).batches) == {batch_key(folder)}


@pytest.mark.parametrize(
    ("failures", "answer", "success"), [(10**6, FERRANTI, False), (0, "I am sorry, I cannot do that.", True)]
)
def test_a_model_that_is_of_no_use_is_no_empty_result(
    job: Run, ollama: FakeOllama, failures: int, answer: str, success: bool
) -> None:
    ollama.failures, ollama.answers = failures, {"input text": answer}
    result = job(**LEGACY_ONLY)
    assert result.success is success
    severity = dg.AssetCheckSeverity.WARN if success else dg.AssetCheckSeverity.ERROR
    assert gates(result)["legacy_documents_extracted"] == (False, severity)
