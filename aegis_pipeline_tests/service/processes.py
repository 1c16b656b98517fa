"""The service as ``docs/service.md`` starts it: three child processes, on a PostgreSQL and in folders of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from aegis_pipeline_tests.servers.addresses import PostgresServer
from aegis_pipeline_tests.servers.process import free_port
from aegis_pipeline_tests.service.client import Client
from aegis_pipeline_tests.service.manual import REPOSITORY, commands

PROCESSES = ("code server", "web server", "daemon")
_START_SECONDS = 180
_STOP_SECONDS = 60


def environment_in(root: Path, server: PostgresServer, database: str) -> dict[str, str]:
    """The variables of ``docs/service.md`` for a service in ``root``, whose database is made anew."""
    connection = psycopg2.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, dbname=server.database
    )
    connection.autocommit = True
    connection.cursor().execute(f'CREATE DATABASE "{database}"')
    connection.close()
    ours = (f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", str(root / "home"))
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AEGIS_", "DAGSTER_"))},
        **dict(zip(("PATH", "AEGIS_HOME"), ours, strict=True)),
        "DAGSTER_HOME": str(root / "dagster"),
        "DAGSTER_COMPUTE_LOGS": str(root / "compute_logs"),
        "DAGSTER_POSTGRES_HOST": server.host,
        "DAGSTER_POSTGRES_PORT": str(server.port),
        "DAGSTER_POSTGRES_USER": server.user,
        "DAGSTER_POSTGRES_PASSWORD": server.password,
        "DAGSTER_POSTGRES_DB": database,
        "DAGSTER_CODE_SERVER_HOST": "127.0.0.1",
        "DAGSTER_CODE_SERVER_PORT": str(free_port()),
        "DAGSTER_WEBSERVER_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
    }


def run(name: str, environment: dict[str, str]) -> list[str]:
    """Run the page's commands of that name one after the other, and give what each printed."""
    return [_output(command, environment) for command in commands(name)]


def _output(command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class Service:
    """The processes of one service, each by its name on the page."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = environment
        self.client = Client(f"http://127.0.0.1:{environment['DAGSTER_WEBSERVER_PORT']}")
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def home(self) -> Path:
        """Its ``AEGIS_HOME``."""
        return Path(self.environment["AEGIS_HOME"])

    def start(self, name: str) -> None:
        """Start one process; its output goes to a file in ``root``."""
        (command,) = commands(name)
        with (self.root / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=REPOSITORY,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self, name: str, how: signal.Signals) -> None:
        """End one process and its children by a signal; by force where it does not follow."""
        child = self._children.pop(name)
        os.killpg(child.pid, how)
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def wait_until_ready(self) -> None:
        """Until the project is loaded and every daemon has reported."""
        _wait(self._is_ready, lambda: "\n".join(self._last_lines(name) for name in PROCESSES))

    def close(self) -> None:
        """End every process, the daemon first."""
        for name in reversed(list(self._children)):
            self.end(name, signal.SIGTERM)

    def _is_ready(self) -> bool:
        try:
            return self.client.is_ready()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _last_lines(self, name: str) -> str:
        lines = (self.root / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join([f"{name}:", *lines[-10:]])


def _wait(ready: Callable[[], bool], why: Callable[[], str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        assert time.monotonic() < deadline, why()
        time.sleep(1)


@contextmanager
def running_service(root: Path, server: PostgresServer, database: str) -> Iterator[Service]:
    """A service in ``root``, prepared and started as the page says, and ended with the block."""
    service = Service(root, environment_in(root, server, database))
    run("prepare", service.environment)
    run("migrate", service.environment)
    try:
        for name in PROCESSES:
            service.start(name)
        service.wait_until_ready()
        yield service
    finally:
        service.close()
