"""What every query of the dashboard and of the alerts has to answer, from the lake and the runs themselves.

Nothing here goes by way of the monitor: it is what the monitor is held against.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

from aegis_pipeline import tables
from aegis_pipeline.pipeline.metering import DURATION_BOUNDS
from aegis_pipeline.records import DocumentStatus
from aegis_pipeline.tables import Table
from aegis_pipeline_tests.monitoring.conftest import Watched

Answer = Mapping[tuple[str, ...], float]
PHASES = {
    "raw_documents": ("documents", "shared"),
    "ner_entities": ("mentions", "three_phase"),
    "deduplicated_entities": ("entities", "three_phase"),
    "relations": ("relations", "three_phase"),
    "knowledge_graph": ("graph", "three_phase"),
}


def rows(world: Watched, table: Table[Any]) -> list[Any]:
    """Of the batches of all runs."""
    batches = [run.batch for run in world.runs.values() if world.lake.has(run.batch, table)]
    return list(chain.from_iterable(world.lake.read(batch, table) for batch in batches))


def files(world: Watched) -> Counter[DocumentStatus]:
    return Counter(row.status for row in rows(world, tables.MANIFEST))


def errors(world: Watched) -> Answer:
    """Error type, phase and severity → how many."""
    unread = {status: count for status, count in files(world).items() if status.is_parse_failure}
    of_files = {(status.value, "documents", "error"): float(count) for status, count in unread.items()}
    degraded = len(world.lake.read(world.runs["degraded"].batch, tables.DOCUMENTS))
    stopped = [run for run in world.runs.values() if not run.success]
    return {**of_files, ("degraded", "mentions", "warning"): degraded, ("gate", "documents", "critical"): len(stopped)}


def error_rate(world: Watched) -> Answer:
    lost = sum(count for (_, _, severity), count in errors(world).items() if severity != "warning")
    return {(): lost / files(world)[DocumentStatus.PARSED]}


def gates(world: Watched, results: Iterable[str]) -> Answer:
    """Gate and result → how many."""
    ends = (
        (gate.name, "passed" if gate.passed else "failed" if gate.severity == "ERROR" else "warned")
        for run in world.runs.values()
        for gate in run.gates
    )
    return Counter(end for end in ends if end[1] in results)


def succeeded(world: Watched) -> Answer:
    """Batch → when its run succeeded, in seconds since 1970."""
    ended = {}
    for run in world.runs.values():
        record = world.instance.get_run_record_by_id(run.run_id)
        if run.success and record and record.end_time:
            ended[(run.batch,)] = record.end_time
    return ended


def dedup_reduction(world: Watched) -> Answer:
    """Of the last batch that succeeded."""
    entities = world.lake.read(world.runs["degraded"].batch, tables.ENTITIES)
    return {(): 1 - len(entities) / sum(len(entity.mentions) for entity in entities)}


def mean_seconds(world: Watched) -> Answer:
    return {labels: seconds / sum(buckets) for labels, (buckets, seconds) in _durations(world).items()}


def quantile(world: Watched, share: float) -> Answer:
    """As Prometheus has it: within a bucket, documents are spread evenly."""
    return {labels: _quantile(share, buckets) for labels, (buckets, _) in _durations(world).items()}


def _durations(world: Watched) -> dict[tuple[str, ...], tuple[list[int], float]]:
    """Phase and pipeline → documents in each bucket, and all their seconds."""
    found = {}
    for asset, labels in PHASES.items():
        told = [run.assets[asset]["aegis/durations"] for run in world.runs.values() if asset in run.assets]
        buckets = [sum(counts) for counts in zip(*(each["buckets"] for each in told), strict=True)]
        found[labels] = buckets, sum(each["seconds"] for each in told)
    return found


def _quantile(share: float, buckets: list[int]) -> float:
    rank, below, start = share * sum(buckets), 0, 0.0
    for count, end in zip(buckets, DURATION_BOUNDS, strict=False):
        if below + count >= rank:
            return start + (end - start) * (rank - below) / count
        below, start = below + count, end
    return start


def counted(values: Iterable[tuple[str, ...]]) -> Answer:
    return Counter(values)


NOTHING: Answer = {}
EXPECTED: dict[str, Callable[[Watched, float], Answer]] = {
    "Documents in the last hour A": lambda world, _: {(): files(world)[DocumentStatus.PARSED]},
    "Error rate in the last hour A": lambda world, _: error_rate(world),
    "Since the last success A": lambda world, now: {(): now - max(succeeded(world).values())},
    "Dead letters A": lambda world, _: {(): len(rows(world, tables.DEAD_LETTERS))},
    "Runs that wait or run A": lambda *_: {(): 0},
    "Seconds a document, median A": lambda world, _: quantile(world, 0.5),
    "Seconds a document, 95 % A": lambda world, _: quantile(world, 0.95),
    "Mean seconds a document A": lambda world, _: mean_seconds(world),
    "Documents by status A": lambda world, _: {(status.value,): count for status, count in files(world).items()},
    "Entities by type A": lambda world, _: counted((e.type, "three_phase") for e in rows(world, tables.ENTITIES)),
    "Relations A": lambda world, _: {("lightrag_default",): 0, ("three_phase",): len(rows(world, tables.RELATIONS))},
    "Mentions that are no entity of their own A": lambda world, _: dedup_reduction(world),
    "Errors by phase and type A": lambda world, _: errors(world),
    "Degraded documents and retried steps A": lambda world, _: {
        ("mentions",): len(world.lake.read(world.runs["degraded"].batch, tables.DOCUMENTS))
    },
    "Degraded documents and retried steps B": lambda *_: NOTHING,
    "Gates that did not pass A": lambda world, _: gates(world, ("warned", "failed")),
    "Gates that passed A": lambda world, _: {(gate,): n for (gate, _), n in gates(world, ("passed",)).items()},
    "Runs by job A": lambda world, _: counted(
        ("process_batch", "success" if run.success else "failure") for run in world.runs.values()
    ),
    "Queue A": lambda *_: {(status,): 0.0 for status in ("queued", "starting", "started", "canceling")},
    "Last success of each batch A": lambda world, _: {batch: 1000 * at for batch, at in succeeded(world).items()},
    "LLM calls A": lambda *_: {("lightrag_default",): 0, ("three_phase",): 0},
    "LLM tokens A": lambda *_: {
        (kind, pipeline): 0 for kind in ("prompt", "answer") for pipeline in ("lightrag_default", "three_phase")
    },
    "Dead letters by reason A": lambda *_: NOTHING,
    "AegisMonitorDown": lambda *_: NOTHING,
    "AegisErrorRate": lambda world, _: error_rate(world),
    "AegisNoSuccess": lambda *_: NOTHING,
    "AegisDeadLettersGrow": lambda *_: NOTHING,
}
"""Where a query stands → its answer at a time in seconds since 1970: labels in the order of their names → value."""

OF_THE_MACHINE = {"Monitor's update A", "GPU memory A", "GPU memory of each phase A", "AegisGpuMemory"}
"""What no lake can tell: how long the monitor took, and the memory of a GPU."""
