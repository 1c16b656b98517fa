"""Looks into a wheel and its sdist, and installs the wheel into an empty environment to run what a user runs first.

``check_wheel.py --uv UV WHEEL SDIST``

Nothing of the checkout is on the path: what the wheel lacks is missed here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
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
_SDISTS_OWN = {"PKG-INFO", ".gitignore"}


def main() -> None:
    """Check the wheel that the command line names; ``CalledProcessError`` where a command fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", type=Path, required=True, help="the program uv")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("sdist", type=Path)
    given = parser.parse_args()
    for archive, faults in ((given.wheel, wheel_faults(given.wheel)), (given.sdist, sdist_faults(given.sdist))):
        if faults:
            sys.exit(f"{archive.name}: {'; '.join(faults)}")
    with tempfile.TemporaryDirectory(prefix="aegis-wheel-") as folder:
        check(given.uv, given.wheel.resolve(), Path(folder))


def wheel_faults(wheel: Path) -> list[str]:
    """What the wheel has that it should not have, and what it lacks."""
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        notices = {Path(name).name for name in archive.namelist() if ".dist-info/licenses/" in name}
    wanted = {name for name in tracked("aegis_pipeline") if not name.startswith(_LEFT_OUT)} | _MOVED_IN
    return differences(names, wanted) + [f"it lacks {name}" for name in sorted(_NOTICES - notices)]


def sdist_faults(sdist: Path) -> list[str]:
    """The same of the sdist: what git tracks of what pyproject.toml names, and metadata of its own."""
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    project = tomllib.loads((_REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    return differences(names - _SDISTS_OWN, set(tracked(*included, "LICENSE", "pyproject.toml")))


def tracked(*paths: str) -> list[str]:
    """The files of the repository below ``paths``."""
    command = ["git", "-C", str(_REPOSITORY), "ls-files", *paths]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def differences(names: set[str], wanted: set[str]) -> list[str]:
    """In words."""
    found = [f"it should not have {name}" for name in sorted(names - wanted)]
    return found + [f"it lacks {name}" for name in sorted(wanted - names)]


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
