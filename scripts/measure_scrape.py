"""Measures what a scrape costs after few and after many past runs, and writes docs/results/scrape.json.

python scripts/measure_scrape.py [--runs 10000]

The runs are synthetic: each has the materialization of phase 3 for one of 100 batches, and its end. Reading them for
the first time is measured apart. The instance has one SQLite file for the events of all runs: that of the embedded
profile has another one for each run besides, slow to make in such numbers and opened once: when its run is counted.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
from dagster._core.events import AssetMaterialization, DagsterEvent, StepMaterializationData
from prometheus_client import CollectorRegistry, generate_latest

from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.monitoring.collector import PipelineCollector
from aegis_pipeline.monitoring.event_log import update_state
from aegis_pipeline.monitoring.state import MetricState
from aegis_pipeline.pipeline.metering import durations

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "scrape.json"
JOB = "process_batch"
FEW, BATCHES, SCRAPES, FAILED = 100, 100, 30, 20


def main() -> None:
    """Measure, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="how many are many")
    runs = parser.parse_args().runs
    with TemporaryDirectory() as root, dg.DagsterInstance.local_temp(root, one_file(root)) as instance:
        found = [after(runs_, instance, Path(root)) for runs_ in (FEW, runs)]
    result = {"command": f"python scripts/measure_scrape.py --runs {runs}", "scrapes": SCRAPES, "after": found}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def one_file(root: str) -> dict[str, Any]:
    """The part of a ``dagster.yaml`` that says so."""
    storage = {"module": "dagster._core.storage.event_log", "class": "ConsolidatedSqliteEventLogStorage"}
    return {"event_log_storage": {**storage, "config": {"base_dir": f"{root}/events"}}}


def after(runs: int, instance: dg.DagsterInstance, root: Path) -> dict[str, Any]:
    """The figures once ``instance`` has ``runs`` past runs."""
    for number in range(instance.get_runs_count(), runs):
        add_run(instance, number)
    state = MetricState(root / f"metrics-{runs}.sqlite")
    started = time.perf_counter()
    assert update_state(state, instance) == runs
    first = time.perf_counter() - started
    registry = CollectorRegistry()
    registry.register(PipelineCollector(state, instance, DocumentLake(str(root / "lake"))))
    return {
        "runs": runs,
        "seconds to read all runs once": round(first, 2),
        "milliseconds of a scrape": scrape_figures(registry),
        "bytes of the state": (root / f"metrics-{runs}.sqlite").stat().st_size,
    }


def scrape_figures(registry: CollectorRegistry) -> dict[str, float]:
    """Median and longest of some scrapes with no new run."""
    taken = []
    for _ in range(SCRAPES):
        started = time.perf_counter()
        generate_latest(registry)
        taken.append((time.perf_counter() - started) * 1000)
    return {"median": round(median(taken), 1), "longest": round(max(taken), 1)}


def add_run(instance: dg.DagsterInstance, number: int) -> None:
    """A run that has ended; one in ``FAILED`` has failed."""
    run = instance.add_run(dg.DagsterRun(JOB))
    figures: dict[str, Any] = {
        "aegis/durations": dg.MetadataValue.json(asdict(durations(1.5, [900, 2_000, 30_000]))),
        "aegis/new_entities/PERSON": 12,
        "aegis/new_relations": 7,
        "aegis/errors/degraded/warning": 1,
    }
    made = AssetMaterialization("relations", metadata=figures, partition=f"batch-{number % BATCHES}")
    end = dg.DagsterEventType.RUN_SUCCESS if number % FAILED else dg.DagsterEventType.RUN_FAILURE
    for kind, told in ((dg.DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made)), (end, None)):
        event = DagsterEvent(kind.value, JOB, step_key=None if told is None else "relations", event_specific_data=told)
        instance.report_dagster_event(event, run.run_id)


if __name__ == "__main__":
    main()
