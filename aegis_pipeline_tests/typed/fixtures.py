"""``typed_aegis``: how a test's programs find an ``aegis`` whose imports are made already (server.py)."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.fixture(scope="session")
def typed_aegis() -> Iterator[dict[str, str]]:
    """What the environment of a command needs; test_demo.py, test_ui.py and the README's page run the installed one."""
    with tempfile.TemporaryDirectory() as folder:  # a socket's name has at most 107 bytes
        address = str(Path(folder) / "aegis")
        command = [sys.executable, str(FOLDER / "server.py"), address]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
            yield {"PATH": f"{FOLDER}:{Path(sys.executable).parent}:{os.environ['PATH']}", "AEGIS_TYPED": address}
            server.communicate()
