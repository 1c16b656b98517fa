"""A reader who does what a page says, in an empty folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from aegis_pipeline_tests.pages.markdown import REPOSITORY

_SECONDS = 200
_KEPT = ("HOME", "LANG", "HF_HUB_OFFLINE", "OMP_NUM_THREADS", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")


@dataclass(frozen=True)
class Reader:
    """Types commands in ``folder``, with an ``aegis`` whose imports are made and the environment's ``python``."""

    folder: Path
    environment: dict[str, str]

    def write(self, name: str, text: str) -> None:
        """A file that the page shows."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def type(self, command: str, status: int = 0) -> str:
        """What a command prints on both streams."""
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        assert done.returncode == status, f"$ {command}\n{done.stdout}"
        return done.stdout


@pytest.fixture
def reader(tmp_path: Path, typed_aegis: dict[str, str]) -> Reader:
    """With nothing of the environment but where programs are: settings are the defaults."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    folder = tmp_path
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    (folder / "samples").symlink_to(REPOSITORY / "aegis_pipeline" / "samples")
    return Reader(folder, {**kept, **typed_aegis})
