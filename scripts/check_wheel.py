"""Looks into a wheel, and installs it into an empty environment to run what a user runs first.

``check_wheel.py --uv UV WHEEL``

Nothing of the checkout is on the path: what the wheel lacks is missed here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

_REPOSITORY = Path(__file__).resolve().parents[1]
_COMMANDS = (
    ("aegis", "--help"),
    ("aegis", "doctor"),
    ("dagster", "definitions", "validate", "-m", "aegis_pipeline.definitions"),
)


_LEFT_OUT = "aegis_pipeline/samples/source/"
_MOVED_IN = {"aegis_pipeline/dagster.yaml", "aegis_pipeline/workspace.yaml"}
_NOTICES = {"LICENSE", "THIRD_PARTY_NOTICES.md"}


def main() -> None:
    """Check the wheel that the command line names; ``CalledProcessError`` where a command fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", type=Path, required=True, help="the program uv")
    parser.add_argument("wheel", type=Path)
    given = parser.parse_args()
    if faults := contents_faults(given.wheel):
        sys.exit(f"{given.wheel.name}: {'; '.join(faults)}")
    with tempfile.TemporaryDirectory(prefix="aegis-wheel-") as folder:
        check(given.uv, given.wheel.resolve(), Path(folder))


def contents_faults(wheel: Path) -> list[str]:
    """What the wheel has that it should not have, and what it lacks."""
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        notices = {Path(name).name for name in archive.namelist() if ".dist-info/licenses/" in name}
    tracked = ["git", "-C", str(_REPOSITORY), "ls-files", "aegis_pipeline"]
    listed = subprocess.run(tracked, check=True, capture_output=True, text=True).stdout.splitlines()
    wanted = {name for name in listed if not name.startswith(_LEFT_OUT)} | _MOVED_IN
    found = [f"it should not have {name}" for name in sorted(names - wanted)]
    found += [f"it lacks {name}" for name in sorted(wanted - names)]
    return found + [f"it lacks {name}" for name in sorted(_NOTICES - notices)]


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
