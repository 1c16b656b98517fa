"""The service on a real PostgreSQL: launched by GraphQL, by a folder in the inbox, and by hand in a browser."""

import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from aegis_pipeline.inbox import batch_key
from aegis_pipeline_tests.servers.addresses import PostgresServer
from aegis_pipeline_tests.servers.process import ServerProcess
from aegis_pipeline_tests.service import browser
from aegis_pipeline_tests.service.manual import REPOSITORY
from aegis_pipeline_tests.service.processes import Service, run, running_service

pytestmark = [
    pytest.mark.models,
    pytest.mark.dagster,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

FERRANTI = "Sebastian de Ferranti founded Ferranti in 1885 in Manchester."
ZUSE = "Konrad Zuse was born in Berlin. He founded Zuse KG in Neukirchen in 1949."
AIKEN = "Howard Aiken was born in Hoboken. He studied at Harvard University and worked for IBM."
in_browser = pytest.mark.skipif(
    browser.CHROMIUM is None, reason="no browser; install Chromium, for example `apt-get install chromium`"
)


@dataclass(frozen=True, slots=True)
class Launched:
    """A batch, and the run of it that GraphQL launched: others of the same batch may follow."""

    batch: str
    run_id: str


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, _modules_postgres: ServerProcess[PostgresServer]
) -> Iterator[Service]:
    """One service for the whole module."""
    with running_service(tmp_path_factory.mktemp("service"), _modules_postgres.address, "dagster") as started:
        yield started


@pytest.fixture(scope="module")
def launched(service: Service) -> Launched:
    """A batch of two documents that went through the service, launched by GraphQL."""
    folder = service.root / "two documents"
    folder.mkdir()
    (folder / "ferranti.txt").write_text(FERRANTI, encoding="utf-8")
    (folder / "zuse.txt").write_text(ZUSE, encoding="utf-8")
    run_id = service.client.launch(folder)
    service.client.ended(batch_key(folder))
    return Launched(batch_key(folder), run_id)


@pytest.fixture(scope="module")
def stopped(service: Service) -> Launched:
    """A batch that a gate has stopped: nothing in its folder can be read."""
    folder = service.root / "unreadable"
    folder.mkdir()
    for number in range(3):
        (folder / f"scan{number}.pdf").write_bytes(b"%PDF-1.7\nthe rest is missing")
    run_id = service.client.launch(folder)
    service.client.ended(batch_key(folder))
    return Launched(batch_key(folder), run_id)


def test_every_process_is_well(service: Service) -> None:
    run("health", service.environment)


def test_launched_by_graphql_the_batch_tells_its_gates_and_figures(service: Service, launched: Launched) -> None:
    assert service.client.runs(launched.batch)[launched.run_id] == "SUCCESS"
    figures = service.client.metadata(launched.run_id)
    assert figures["raw_documents"]["aegis/files"] == 2
    assert figures["knowledge_graph"]["aegis/documents/added"] == 2
    gates = service.client.gates(launched.run_id)
    assert {"documents_parse_rate", "relation_endpoints_exist", "graph_counts_match"} <= set(gates)
    assert all(gate.passed for gate in gates.values()), gates
    assert gates["documents_parse_rate"].evidence["rate"] == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU these variants are measured, which takes long")
def test_backfill_over_a_part_of_the_benchmark_says_what_was_not_run_and_why(service: Service) -> None:
    cells = ["small|three_phase-embedded-gpu", "medium|legacy-q8_0-gpu"]
    service.client.backfill(["benchmark_predictions", "benchmark_scores"], cells)
    for cell in cells:
        ((run_id, status),) = service.client.ended(cell).items()
        told = service.client.metadata(run_id)
        assert status == "SUCCESS"
        assert "torch finds no GPU" in told["benchmark_predictions"]["aegis/not_run"]
        assert told["benchmark_scores"]["aegis/status"] == "not run"


@in_browser
def test_an_operator_launches_a_batch_in_the_browser_and_watches_it_turn_green(
    service: Service, launched: Launched, tmp_path: Path
) -> None:
    before = set(service.client.runs(launched.batch))
    with browser.opened(service.client.address, tmp_path) as ui:
        ui.open_assets()
        ui.see("raw_documents", "ner_entities", "deduplicated_entities", "relations", "knowledge_graph")
        ui.picture("assets")
        ui.launch(launched.batch)
        (run_id,) = set(service.client.appeared(launched.batch, len(before) + 1)) - before
        ui.open_run(run_id)
        ui.watch_success()
        ui.picture("run")
    assert service.client.runs(launched.batch)[run_id] == "SUCCESS"


def test_stopped_by_a_gate_the_batch_tells_why(service: Service, stopped: Launched) -> None:
    assert service.client.runs(stopped.batch) == {stopped.run_id: "FAILURE"}
    assert set(service.client.metadata(stopped.run_id)) == {"raw_documents"}
    (name, gate), *others = service.client.gates(stopped.run_id).items()
    assert (name, gate.passed, gate.severity, others) == ("documents_parse_rate", False, "ERROR", [])
    assert gate.evidence["rate"] == 0


def test_a_folder_in_the_inbox_is_in_the_graph_and_not_twice_when_the_daemon_was_killed(service: Service) -> None:
    folder = service.home / "inbox" / "harvard"
    folder.mkdir(parents=True)
    (folder / "aiken.txt").write_text(AIKEN, encoding="utf-8")
    (folder / "_SUCCESS").touch()
    assert set(service.client.ended(batch_key(folder)).values()) == {"SUCCESS"}
    service.end("daemon", signal.SIGKILL)
    killed = time.time()
    service.start("daemon")
    service.client.wait_for_tick("new_document_batches", after=killed)
    assert len(service.client.runs(batch_key(folder))) == 1
    answer = subprocess.run(
        ["aegis", "query", "Howard Aiken"], env=service.environment, cwd=service.root, capture_output=True, text=True
    )
    assert "Harvard University" in answer.stdout, answer.stderr


@in_browser
def test_an_operator_reads_in_the_browser_why_a_gate_failed(
    service: Service, stopped: Launched, tmp_path: Path
) -> None:
    with browser.opened(service.client.address, tmp_path) as ui:
        ui.open_gate("raw_documents", "documents_parse_rate", stopped.batch)
        ui.see("Failed", "malformed", "rate", "warn_below")
        ui.picture("gate")


def test_the_page_names_every_variable_of_the_deployment() -> None:
    page = (REPOSITORY / "docs" / "service.md").read_text(encoding="utf-8")
    for file in (REPOSITORY / "deploy" / "dagster.yaml", REPOSITORY / "deploy" / "workspace.yaml"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if "{env: " in line:
                assert f"`{line.partition('{env: ')[2].rstrip('}')}`" in page
