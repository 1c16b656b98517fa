"""Measures what a run needs in memory, and what it leaves on the disk.

    python scripts/measure_sizing.py GOLD [SIZE ...]     writes docs/results/sizing.json

GOLD is a JSONL file with ``text`` in each line, for example redocred_dev.jsonl; the first SIZE of its texts, 60 and 240
unless given, are written out as .txt files. `aegis run` reads these, and the bundled samples, each into a new home.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aegis_pipeline

OUT = Path(__file__).resolve().parent.parent / "docs" / "results" / "sizing.json"
SAMPLES = Path(aegis_pipeline.__file__).parent / "samples" / "documents"
SIZES = (60, 240)
_PLACES = ("lake", "graph", "dagster")
_KILOBYTE = 1024


def measured(folder: Path, home: Path) -> dict[str, Any]:
    """One first run of ``folder`` into ``home``: megabytes of its largest process, kilobytes on the disk."""
    environment = {**os.environ, "AEGIS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    command = [str(Path(sys.executable).with_name("aegis")), "run", str(folder)]
    process = subprocess.Popen(command, env=environment, cwd=home.parent, stdout=sys.stderr)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: see above")
    peak = usage.ru_maxrss // (_KILOBYTE * _KILOBYTE if sys.platform == "darwin" else _KILOBYTE)
    documents = [path for path in folder.rglob("*") if path.is_file()]
    return {
        "documents": len(documents),
        "kilobytes of documents": _kilobytes(folder),
        "peak megabytes": peak,
        "kilobytes on disk": {place: _kilobytes(home / place) for place in _PLACES},
    }


def _kilobytes(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _KILOBYTE)


def folders(gold: Path, sizes: tuple[int, ...], root: Path) -> Iterator[tuple[str, Path]]:
    """The samples, and a folder for each size."""
    yield "samples", SAMPLES
    texts = [json.loads(line)["text"] for line in gold.read_text(encoding="utf-8").splitlines()]
    for size in sizes:
        folder = root / f"documents-{size}"
        folder.mkdir()
        for number, text in enumerate(texts[:size]):
            (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")
        yield f"{gold.stem}, {size}", folder


def main() -> None:
    """Run each folder once, and write what that took."""
    gold, sizes = Path(sys.argv[1]), tuple(map(int, sys.argv[2:])) or SIZES
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        found = {
            title: measured(folder, root / f"home of {folder.name}") for title, folder in folders(gold, sizes, root)
        }
    command = " ".join(["python scripts/measure_sizing.py", gold.name, *sys.argv[2:]])
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    OUT.write_text(json.dumps({"command": command, "machine": machine, "first runs": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
