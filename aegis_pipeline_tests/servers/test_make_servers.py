"""``make servers``: what the script starts is what the settings and ``aegis doctor`` find."""

import importlib.util
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from aegis_pipeline import settings as module
from aegis_pipeline.cli.main import app
from aegis_pipeline_tests.servers.postgres_recipe import binaries
from aegis_pipeline_tests.servers.process import ServerUnavailable, is_free, temporary_home

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "servers.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("servers", SCRIPT)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def home() -> Iterator[Path]:
    """Outside the tests' own folder, which PostgreSQL's user could not reach."""
    folder = temporary_home("servers")
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_the_next_start_finds_the_same_servers(script: ModuleType, tmp_path: Path) -> None:
    first = script.servers_in(tmp_path)
    file = script.note(tmp_path, first)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert script.servers_in(tmp_path) == first
    assert script.servers_in(tmp_path / "other") != first


def test_a_port_in_use_is_told_before_anything_starts(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "is_free", lambda port: port != script.POSTGRES_PORT)
    servers = script.Servers(
        script.Neo4jServer("bolt://127.0.0.1:20001", "neo4j", "secret"),
        script.PostgresServer("127.0.0.1", script.POSTGRES_PORT, "postgres", "secret"),
    )
    script.note(tmp_path, servers)
    with pytest.raises(ServerUnavailable, match="Port 5432 is in use"):
        script.main(tmp_path, containers=False)
    assert [path.name for path in tmp_path.iterdir()] == ["servers.env"]


def test_compose_gets_ports_and_passwords_by_its_environment(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tmp_path / "docker"
    client.write_text('#!/bin/sh\necho "$4 $5 $NEO4J_PORT $NEO4J_PASSWORD $POSTGRES_PORT" >> "$0.calls"\n')
    client.chmod(0o700)
    servers = script.Servers(
        script.Neo4jServer("bolt://127.0.0.1:20001", "neo4j", "secret"),
        script.PostgresServer("127.0.0.1", 20002, "postgres", "secret"),
    )
    with script.in_containers(str(client), servers) as both_run:
        assert both_run()
    calls = (tmp_path / "docker.calls").read_text().splitlines()
    assert calls == ["up --wait 20001 secret 20002", "stop  20001 secret 20002"]


@pytest.mark.neo4j
@pytest.mark.postgres
@pytest.mark.slow
def test_servers_run_until_ctrl_c_and_the_doctor_finds_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        binaries()
    except ServerUnavailable as error:
        pytest.skip(str(error))
    command = [sys.executable, str(SCRIPT), "--no-containers", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        first = "".join(iter(running.stdout.readline, "    .venv/bin/aegis run FOLDER\n"))
        assert f". {home}/servers.env" in first
        settings = dict(line.split("=", 1) for line in (home / "servers.env").read_text().splitlines())
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        found = doctor(home, monkeypatch)
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
    assert "Neo4j 5.26" in found
    assert "PostgreSQL 16." in found
    assert is_free(int(settings["POSTGRES_PORT"]))
    missing = doctor(home, monkeypatch)
    assert "MISSING  Neo4j: No Neo4j server answers at" in missing
    assert "MISSING  PostgreSQL: No PostgreSQL server answers at" in missing
    assert settings["NEO4J_PASSWORD"] not in found + missing


def doctor(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What ``aegis doctor`` prints with the environment as it is."""
    monkeypatch.setenv("AEGIS_HOME", str(home / "aegis"))
    module.settings.cache_clear()
    printed = CliRunner().invoke(app, ["doctor"]).stdout
    module.settings.cache_clear()
    return printed
