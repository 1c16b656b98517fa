"""What the cache of packages saves: ``make setup`` in a new checkout, with an empty cache and with the one that leaves.

    python scripts/measure_setup.py       writes docs/results/ci-setup.json

Clones the commit that is checked out. Seconds hang on the network; the ratio is what a workflow saves.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "docs" / "results" / "ci-setup.json"


def main() -> None:
    """Once cold, once warm."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        cold, warm = (seconds_of_setup(root / folder, root / "cache") for folder in ("cold", "warm"))
    result = {
        "command": "python scripts/measure_setup.py",
        "seconds": {"cold": round(cold, 1), "warm": round(warm, 1)},
        "saved": round(1 - warm / cold, 3),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def seconds_of_setup(checkout: Path, cache: Path) -> float:
    """Of ``make setup`` in a clone at ``checkout``."""
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(checkout)], check=True)
    caches = {"UV_CACHE_DIR": str(cache / "uv"), "PIP_CACHE_DIR": str(cache / "pip")}
    started = time.perf_counter()
    subprocess.run(["make", "--silent", "setup"], cwd=checkout, env={**os.environ, **caches}, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
