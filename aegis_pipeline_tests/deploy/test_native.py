"""Our services of the compose file as processes of this machine: their commands, variables and health checks as they
are written there, with other addresses. No image is built: what is proven is that what it starts, starts."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from aegis_pipeline_tests.deploy.compose import OURS, REPOSITORY, filled, services
from aegis_pipeline_tests.servers.addresses import PostgresServer
from aegis_pipeline_tests.servers.process import ServerProcess, free_port

pytestmark = [pytest.mark.dagster, pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(300)]

SERVICES = services()
WORK_FOLDER = "/srv/aegis"
START_SECONDS = 150
Children = dict[str, subprocess.Popen[bytes]]


@pytest.fixture
def given(tmp_path: Path, own_postgres: ServerProcess[PostgresServer]) -> dict[str, str]:
    """What stands in the place of the containers' names, ports and folders; the database is made as the image does."""
    server = own_postgres.address
    connection = psycopg2.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, dbname=server.database
    )
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute((REPOSITORY / "deploy" / "postgres" / "dagster.sql").read_text(encoding="utf-8"))
    ports = {name: str(free_port()) for name in ("3000", "4000", "9100")}
    words = {**ports, "0.0.0.0": "127.0.0.1", "5432": str(server.port)}
    return {**words, "postgres": server.host, "POSTGRES_PASSWORD": server.password, WORK_FOLDER: str(tmp_path)}


def test_every_service_starts_and_its_health_check_answers(given: dict[str, str], tmp_path: Path) -> None:
    _as_the_image(tmp_path)
    children: Children = {}
    try:
        for name in OURS:
            children[name] = _start(name, given, tmp_path)
        for name in OURS:
            _wait_until_well(name, given, tmp_path, children)
    finally:
        _end(children)


def _as_the_image(root: Path) -> None:
    """The files and folders that the image has in its working folder."""
    for source, folder in re.findall(rf"^COPY (deploy/\S+) {WORK_FOLDER}(\S*)$", _dockerfile(), re.MULTILINE):
        (root / folder.strip("/")).mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / source, root / folder.strip("/"))
    for folder in ("home", "inbox"):
        (root / folder).mkdir()


def _dockerfile() -> str:
    return (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")


def _environment(name: str, given: dict[str, str]) -> dict[str, str]:
    """The image's variables and the service's, and of this process only what finds its programs."""
    of_image = dict(re.findall(rf"(\w+)=({WORK_FOLDER}\S*)", _dockerfile()))
    values = {"NEO4J_PASSWORD": "unused", "POSTGRES_PASSWORD": given["POSTGRES_PASSWORD"]}
    own = {key: filled(str(value), values) for key, value in SERVICES[name]["environment"].items()}
    hosts = {
        key: {"code-server": "127.0.0.1", **given}.get(value, value) for key, value in own.items() if _is_host(key)
    }
    placed = {key: _placed(value, given) for key, value in {**of_image, **own, **hosts}.items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**placed, "PATH": path, "HOME": given[WORK_FOLDER], "OMP_NUM_THREADS": "1"}


def _is_host(variable: str) -> bool:
    return variable.endswith("_HOST")


def _placed(text: str, given: dict[str, str]) -> str:
    """``text`` with this machine's ports and folders: whole words only."""
    numbers = [re.escape(word) for word in given if word[0].isdigit()]
    placed = re.sub(rf"(?<![\w.-])({'|'.join(numbers)})(?![\w.-])", lambda found: given[found[1]], text)
    return placed.replace(WORK_FOLDER, given[WORK_FOLDER])


def _start(name: str, given: dict[str, str], root: Path) -> subprocess.Popen[bytes]:
    command = _placed(SERVICES[name]["command"], given)
    with (root / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=root,
            env=_environment(name, given),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_until_well(name: str, given: dict[str, str], root: Path, children: Children) -> None:
    check = _placed(SERVICES[name]["healthcheck"]["test"], given)
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(
        ["bash", "-c", check], cwd=root, env=_environment(name, given), capture_output=True
    ).returncode:
        told = (root / f"{name}.log").read_text(errors="replace")[-3000:]
        assert children[name].poll() is None, f"{name} ended:\n{told}"
        assert time.monotonic() < deadline, f"{name} is not well after {START_SECONDS} s:\n{told}"
        time.sleep(1)


def _end(children: Children) -> None:
    for child in children.values():
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    for child in children.values():
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
