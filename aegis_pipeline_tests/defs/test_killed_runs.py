"""A run killed at random moments of each asset, then repeated, leaves what an undisturbed one leaves.

``AEGIS_KILLS=20`` kills each asset so often, as ``scripts/measure_kills.py`` does for docs/results/killed.json; the
script's standard error names every kill, and its seed is that of the command line that a failure shows.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline_tests.defs.kill_rehearsal import ASSETS
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.dagster, pytest.mark.models, pytest.mark.slow, pytest.mark.timeout(3600)]


def killed(out: Path, store: str, assets: tuple[str, ...], **environment: str) -> dict[str, Any]:
    """What the script finds, by asset; a process of its own, for it forks."""
    kills, seed = os.environ.get("AEGIS_KILLS", "1"), str(int(time.time()))
    options = ["--kills", kills, "--seed", seed, "--stores", store, "--out", str(out), "--assets", *assets]
    command = [sys.executable, "scripts/measure_kills.py", *options]
    done = subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(out.read_text())[store]["assets"]
    differing = {asset: row["tables that differed"] for asset, row in found.items() if row["tables that differed"]}
    assert not differing, f"{command}\n{differing}"
    return found


def test_killed_run_is_completed_by_its_repetition(tmp_path: Path) -> None:
    found = killed(tmp_path / "killed.json", "embedded", ASSETS)
    assert found.keys() == set(ASSETS)
    assert all(row["kills"] for row in found.values())


@pytest.mark.neo4j
@pytest.mark.postgres
def test_killed_run_is_completed_by_its_repetition_in_servers(
    tmp_path: Path, neo4j_server: Neo4jServer, postgres_server: PostgresServer
) -> None:
    """Before it writes the graph, a run does not know where that is."""
    addresses = {**neo4j_server.environment(), **postgres_server.environment()}
    found = killed(tmp_path / "killed.json", "servers", ("knowledge_graph",), **addresses)
    assert found["knowledge_graph"]["kills"]
