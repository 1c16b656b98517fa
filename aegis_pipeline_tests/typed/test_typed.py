"""What a test types does what the installed program does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.models, pytest.mark.dagster, pytest.mark.slow]

INSTALLED = str(Path(sys.executable).with_name("aegis"))


@pytest.mark.parametrize("words", ["--version", "manifest", "graph", "run nowhere", "doctor --format json"])
def test_typed_command_ends_as_the_installed_one(words: str, typed_aegis: dict[str, str], tmp_path: Path) -> None:
    """Also where it fails: by one of our errors, by a wrong option."""
    environment = {**os.environ, **typed_aegis, "AEGIS_HOME": "home"}

    def outcome(program: str) -> tuple[int, str, str]:
        command = [program, *words.split()]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    assert outcome("aegis") == outcome(INSTALLED)


def test_typed_commands_share_no_setting(typed_aegis: dict[str, str], tmp_path: Path) -> None:
    def told(home: str) -> str:
        environment = {**os.environ, **typed_aegis, "AEGIS_HOME": home}
        done = subprocess.run(["aegis", "manifest"], env=environment, cwd=tmp_path, capture_output=True, text=True)
        return done.stderr

    assert "first/lake" in told("first")
    assert "second/lake" in told("second")
