"""Measures what a document costs as a batch grows, and what one change costs in a batch that is there already.

    python scripts/measure_growth.py GOLD [SIZE ...]     writes docs/results/growth.json and docs/images/growth.svg

GOLD is a JSONL file with ``text`` in each line, for example redocred_dev.jsonl; its texts are written out as .txt files
and go through Dagster's assets and gates in this process, as `aegis run` does it. Sizes are 60, 120, 240 and 480
documents unless given. After the first run of the largest, one document is updated, one added, one removed, and nothing
changed, each three times. Models are loaded before the clock starts. Ratios hold from machine to machine, seconds do
not.
"""

import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import torch
from draw_growth import draw

from aegis_pipeline.definitions import defs
from aegis_pipeline.defs.partitions import batch_key, document_batches
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZES = (60, 120, 240, 480)
REPEATS = 3
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class World:
    """A folder of documents, and a home of its own for what is made of them."""

    root: Path
    instance: dg.DagsterInstance

    @property
    def folder(self) -> Path:
        """Where the documents are."""
        return self.root / "documents"

    def write(self, number: int, text: str) -> None:
        """One document, new or changed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")

    def run(self) -> dict[str, Any]:
        """Seconds of the run, of each asset and of each gate in it, and the documents that phases 1 and 3 read."""
        batch = batch_key(self.folder)
        self.instance.add_dynamic_partitions(str(document_batches.name), [batch])
        started = time.perf_counter()
        result = dg.materialize(
            [*(defs.assets or ()), *(defs.asset_checks or ())],
            instance=self.instance,
            partition_key=batch,
            resources=resources(Settings(aegis_home=self.root / "home")),
            run_config={"ops": {"raw_documents": {"config": {"folder": str(self.folder)}}}, **QUIET},
        )
        return {"seconds": _seconds(result, time.perf_counter() - started), **_computed(result)}


def _seconds(result: dg.ExecuteInProcessResult, total: float) -> dict[str, float]:
    steps = {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.is_step_success and event.step_key
    }
    found = {**steps, "rest (Dagster)": total - sum(steps.values()), "all": total}
    return {step: round(seconds, 3) for step, seconds in found.items()}


def _computed(result: dg.ExecuteInProcessResult) -> dict[str, int]:
    found = {}
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        if "aegis/documents/computed" in metadata:
            found[f"documents that {event.step_key} made anew"] = metadata["aegis/documents/computed"].value
    return found


def main() -> None:
    """Grow a batch, change it, and write what that cost."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    sizes = tuple(map(int, sys.argv[2:])) or SIZES
    with tempfile.TemporaryDirectory() as name, dg.DagsterInstance.local_temp(name) as instance:
        grown(World(Path(name) / "warm", instance), texts[-3:])
        worlds = {size: World(Path(name) / str(size), instance) for size in sizes}
        first = {size: grown(world, texts[:size]) for size, world in worlds.items()}
        after = changed(worlds[sizes[-1]], sizes[-1], texts)
    per_document = {size: run["seconds"]["all"] / size for size, run in first.items()}
    base, whole = per_document[sizes[0]], first[sizes[-1]]["seconds"]["all"]
    result = {
        "command": "python scripts/measure_growth.py redocred_dev.jsonl",
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, Python {platform.python_version()}",
        "first run": first,
        "seconds a document": {size: round(seconds, 4) for size, seconds in per_document.items()},
        f"cost of a document, against {sizes[0]}": {size: round(s / base, 2) for size, s in per_document.items()},
        f"then, with {sizes[-1]} documents": after,
        "share of the first run": {what: round(run["seconds"]["all"] / whole, 4) for what, run in after.items()},
    }
    (DOCS / "results" / "growth.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    draw(DOCS / "results" / "growth.json", DOCS / "images" / "growth.svg")


def grown(world: World, texts: list[str]) -> dict[str, Any]:
    """The first run over ``texts``."""
    for number, text in enumerate(texts):
        world.write(number, text)
    return world.run()


def changed(world: World, size: int, texts: list[str]) -> dict[str, Any]:
    """What each change to a batch of ``size`` documents costs, each made three times, one after the other: the run that
    took neither longest nor shortest, and the seconds of all three."""
    changes: dict[str, Callable[[int], None]] = {
        "one document updated": lambda time: world.write(size // 2 + time, texts[size + time]),
        "one document added": lambda time: world.write(size + time, texts[size + REPEATS + time]),
        "one document removed": lambda time: (world.folder / f"{time:05d}.txt").unlink(),
        "nothing changed": lambda _: None,
    }
    found = {}
    for what, change in changes.items():
        runs = []
        for repetition in range(REPEATS):
            change(repetition)
            runs.append(world.run())
        runs.sort(key=lambda run: float(run["seconds"]["all"]))
        found[what] = runs[REPEATS // 2] | {"seconds of all": [run["seconds"]["all"] for run in runs]}
    return found


if __name__ == "__main__":
    main()
