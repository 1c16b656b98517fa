"""Whether a half of the suite passes each time: it is run again and again, in another random order.

    python scripts/measure_flakiness.py TARGET RUNS       adds to docs/results/ci-runs.json

What a run that failed printed is kept in ``build``.

TARGET is test-unit, test-integration or test. A test is flaky if it failed in some runs of one commit and passed in
others; one that fails in all of them is broken.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "docs" / "results" / "ci-runs.json"
SO_FAR = REPOSITORY / "build" / RESULTS.name


def main() -> None:
    """Run; what came of the runs so far is written to ``build``, for the suite holds the pages against docs/results."""
    target, runs = sys.argv[1], int(sys.argv[2])
    done: list[dict[str, Any]] = []
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    SO_FAR.parent.mkdir(exist_ok=True)
    for _ in range(runs):
        done.append(run(target))
        found = json.dumps({**known, target: of_all(target, done)}, indent=1) + "\n"
        SO_FAR.write_text(found, encoding="utf-8")
    RESULTS.write_text(found, encoding="utf-8")


def of_all(target: str, done: list[dict[str, Any]]) -> dict[str, Any]:
    """The share of the runs that passed, and of those in which a flaky test failed."""
    failures = Counter(name for each in done for name in each["failed"])
    flaky = sorted(name for name, count in failures.items() if count < len(done))
    return {
        "command": f"python scripts/measure_flakiness.py {target} {len(done)}",
        "commit": subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, text=True).strip(),
        "success rate": sum(each["passed"] for each in done) / len(done),
        "flaky tests": flaky,
        "flaky rate": sum(bool(set(each["failed"]) & set(flaky)) for each in done) / len(done),
        "runs": done,
    }


def run(target: str) -> dict[str, Any]:
    """One run: whether it passed, the seed of each half, tests, percent of lines (of ``test``), seconds, failures."""
    started = time.perf_counter()
    done = subprocess.run(["make", "--silent", target], cwd=REPOSITORY, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:  # what the failures were, for whoever mends them
        (SO_FAR.parent / f"{target}-{int(time.time())}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    coverage = re.search(r"Total coverage: ([\d.]+)%", done.stdout)
    return {
        "passed": done.returncode == 0,
        "seeds": [int(seed) for seed in re.findall(r"--randomly-seed=(\d+)", done.stdout)],
        "tests": sum(map(int, re.findall(r"(\d+) passed", done.stdout))),
        "skipped": sum(map(int, re.findall(r"(\d+) skipped", done.stdout))),
        "coverage": float(coverage[1]) if coverage else None,
        "seconds": round(seconds),
        "failed": sorted(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)),
    }


if __name__ == "__main__":
    main()
