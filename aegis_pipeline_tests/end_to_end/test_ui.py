"""``aegis ui``: the web server and the daemon on the real definitions, and a run from the launchpad's configuration."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_pipeline.inbox import batch_key
from aegis_pipeline_tests.servers.process import free_port
from aegis_pipeline_tests.service.client import Client

pytestmark = [pytest.mark.models, pytest.mark.dagster, pytest.mark.slow]

AEGIS = str(Path(sys.executable).with_name("aegis"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Client]:
    """``aegis ui`` on a home of its own."""
    port = free_port()
    environment = {**os.environ, "AEGIS_HOME": str(tmp_path / "home")}
    environment.pop("DAGSTER_HOME", None)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [AEGIS, "ui", "--port", str(port)], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield when_ready(Client(f"http://127.0.0.1:{port}"))
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def when_ready(client: Client) -> Client:
    for _ in range(180):
        try:
            if client.is_ready():
                return client
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(1)
    pytest.fail("the web server did not start")


def test_the_launchpad_chooses_the_folder(server: Client, tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    folder.mkdir()
    (folder / "a.txt").write_text("Sebastian de Ferranti founded Ferranti in 1885 in Manchester.", encoding="utf-8")
    run_id = server.launch(folder)
    assert server.ended(batch_key(folder)) == {run_id: "SUCCESS"}
