"""Installs a wheel into an empty environment and runs what a user runs first: ``check_wheel.py --uv UV WHEEL``.

Nothing of the checkout is on the path: what the wheel lacks is missed here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[1]
_COMMANDS = (
    ("aegis", "--help"),
    ("aegis", "doctor"),
    ("dagster", "definitions", "validate", "-m", "aegis_pipeline.definitions"),
)


def main() -> None:
    """Check the wheel that the command line names; ``CalledProcessError`` where a command fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", type=Path, required=True, help="the program uv")
    parser.add_argument("wheel", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aegis-wheel-") as folder:
        check(given.uv, given.wheel.resolve(), Path(folder))


def check(uv: Path, wheel: Path, folder: Path) -> None:
    """Install ``wheel`` below ``folder`` with ``uv`` and run each command there."""
    programs = folder / "venv" / "bin"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, programs.parent], check=True)
    pinned = ("--python", programs / "python", "--constraint", _REPOSITORY / "constraints.txt")
    subprocess.run([uv, "pip", "install", "--quiet", *pinned, wheel], check=True)
    instance = folder / "dagster"
    instance.mkdir()
    shutil.copy(_REPOSITORY / "dagster.yaml", instance)  # telemetry is off in it
    home = {"AEGIS_HOME": str(folder / "home"), "DAGSTER_HOME": str(instance)}
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")} | home
    for program, *arguments in _COMMANDS:
        subprocess.run([programs / program, *arguments], check=True, cwd=folder, env=environment)


if __name__ == "__main__":
    main()
