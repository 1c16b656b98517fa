"""A server's process: started on a free port in a folder of its own, stopped or killed by its id, started again."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

Address = TypeVar("Address")

GUARD = Path(__file__).with_name("guard.py")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aegis-pipeline"
_START_SECONDS = 180  # a JVM alone on two cores takes 6, and took 70 with nine other processes beside it
_STOP_SECONDS = 60
_LAST_LINES = 15


class ServerUnavailable(Exception):  # noqa: N818 - the fixtures skip with it: it is no error of the project
    """A server cannot be had here. The message says why, and what would mend it."""


@dataclass(frozen=True, slots=True)
class Recipe(Generic[Address]):
    """How to start a server in the folder ``home``, and the pattern in its output that says that it answers.

    ``user`` is the system's user that it runs as, where that is another. A home that is not ``kept`` is temporary.
    """

    address: Address
    home: Path
    command: tuple[str, ...]
    ready: str
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    kept: bool = False


class ServerProcess(Generic[Address]):
    """A server of our own, that lives no longer than the process ``owner``."""

    def __init__(self, recipe: Recipe[Address], owner: int | None = None) -> None:
        self.recipe = recipe
        self._owner = owner or os.getpid()
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> Address:
        """Where the server is, and who may use it."""
        return self.recipe.address

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers. Its data are those of the last time.

        Raises:
            ServerUnavailable: it ended, or does not answer in time; with the end of its output.
        """
        recipe = self.recipe
        wanted = (str(self._owner), str(recipe.stop_signal.value), recipe.user or "")
        home = (str(recipe.home), "kept" if recipe.kept else "temporary")
        with self._log.open("wb") as log:
            self._guard = subprocess.Popen(
                [sys.executable, str(GUARD), *wanted, *home, *recipe.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **recipe.environment},
                start_new_session=True,  # ctrl-c is for the tests; they stop the server
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server in order."""
        if self._guard is not None:
            self._guard.terminate()
            self._guard.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """End the server in the middle of whatever it does, as a loss of power to its process would."""
        if self._guard is not None:
            os.kill(int((self.recipe.home / "server.pid").read_text()), signal.SIGKILL)
            self._guard.wait(_STOP_SECONDS)

    def release(self) -> None:
        """Leave the server to its guard: this process will neither stop it nor wait for it."""
        if self._guard is not None:
            self._guard.returncode = 0  # or Popen would warn that the guard still runs
            self._guard = None

    def close(self) -> None:
        """Stop the server, and remove its home where it is temporary."""
        self.stop()
        if not self.recipe.kept:
            shutil.rmtree(self.recipe.home, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.recipe.home / "server.log"

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self.running and time.monotonic() < deadline:
            if re.search(self.recipe.ready, self._log.read_text(errors="replace"), re.DOTALL):
                return
            time.sleep(0.1)
        output = self._log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        self.close()
        raise ServerUnavailable(f"{self.recipe.command[0]} did not come up:\n" + "\n".join(output))


def free_port() -> int:
    """A port of this machine that nobody listens on, and that is given to no outgoing connection: a server that is
    restarted finds its own free again."""
    while True:
        port = random.randint(20_000, 32_000)  # Linux gives out ports from 32768
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether nobody listens on ``port`` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def temporary_home(name: str, user: str | None = None) -> Path:
    """A new folder outside the tests' own, which other users of the system could not reach."""
    home = Path(tempfile.mkdtemp(prefix=f"aegis-{name}-"))
    give_to(home, user)
    return home


def give_to(folder: Path, user: str | None) -> None:
    """Make ``folder`` belong to ``user``."""
    if user is not None:
        shutil.chown(folder, user)
