"""Dagster's real web server on the real definitions: a run from the launchpad, looked at in a real browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.defs.partitions import batch_key

pytestmark = [pytest.mark.models, pytest.mark.dagster, pytest.mark.slow]

AEGIS = str(Path(sys.executable).with_name("aegis"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ADD_PARTITION = """mutation($key: String!) { addDynamicPartition(
  repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "aegis_pipeline"},
  partitionsDefName: "document_batches", partitionKey: $key) { __typename ... on PythonError { message } } }"""
LAUNCH = """mutation($config: RunConfigData!, $tags: [ExecutionTag!]!) { launchRun(executionParams: {
  selector: {repositoryName: "__repository__", repositoryLocationName: "aegis_pipeline", jobName: "process_batch"},
  runConfigData: $config, mode: "default", executionMetadata: {tags: $tags}}) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }"""
STATUS = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``aegis ui`` on a home of its own."""
    root = tmp_path_factory.mktemp("ui")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "AEGIS_HOME": str(root / "home")}
    environment.pop("DAGSTER_HOME", None)
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [AEGIS, "ui", "--port", str(port)], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield await_server(f"http://127.0.0.1:{port}")
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def await_server(address: str) -> str:
    for _ in range(180):
        try:
            urllib.request.urlopen(f"{address}/server_info", timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
        else:
            return address
    pytest.fail("the web server did not start")


def graphql(server: str, query: str, **variables: Any) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{server}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.fixture(scope="module")
def finished_run(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of a folder that was chosen in the launchpad's configuration."""
    folder = tmp_path_factory.mktemp("chosen")
    (folder / "a.txt").write_text("Sebastian de Ferranti founded Ferranti in 1885 in Manchester.", encoding="utf-8")
    key = batch_key(folder)
    assert graphql(server, ADD_PARTITION, key=key)["addDynamicPartition"]["__typename"] == "AddDynamicPartitionSuccess"
    config = {"ops": {"raw_documents": {"config": {"folder": str(folder)}}}}
    tags = [{"key": "dagster/partition", "value": key}]
    launched = graphql(server, LAUNCH, config=config, tags=tags)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    return await_run(server, launched["run"]["runId"])


def await_run(server: str, run_id: str) -> str:
    for _ in range(240):
        status = graphql(server, STATUS, id=run_id)["runOrError"]["status"]
        if status in {"SUCCESS", "FAILURE", "CANCELED"}:
            assert status == "SUCCESS"
            return run_id
        time.sleep(1)
    pytest.fail("the run did not end")


def test_launchpad_chooses_the_folder(finished_run: str) -> None:
    assert finished_run


@pytest.mark.skipif(CHROMIUM is None, reason="no browser; install Chromium, for example `apt-get install chromium`")
def test_browser_shows_the_assets_and_their_gates(server: str, finished_run: str, tmp_path: Path) -> None:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--window-size=1600,900", f"--user-data-dir={tmp_path}"]
    page = f"{server}/locations/aegis_pipeline/asset-groups/knowledge_graph/lineage"
    command = [str(CHROMIUM), *flags, "--virtual-time-budget=30000", "--dump-dom", page]
    html = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    for key in ("raw_documents", "ner_entities", "deduplicated_entities", "relations", "knowledge_graph"):
        assert key in html
    assert (html.count("1 / 1 Passed"), html.count("2 / 2 Passed")) == (2, 1)
