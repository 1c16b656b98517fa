"""Every metric, once: an interface, listed in ``docs/metrics.md``.

Counters add up what runs have computed anew: what a run keeps from earlier ones was counted when it was made.
``pipeline_type`` is three_phase, lightrag_default, or shared for the reading of documents, which both need.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What Prometheus takes a metric for."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, its labels, and what it says."""

    kind: Kind
    name: str
    labels: tuple[str, ...]
    help: str


DURATION = Metric(
    Kind.HISTOGRAM,
    "aegis_extraction_duration_seconds",
    ("phase", "pipeline_type"),
    "Seconds of a phase for a document that it computed: those of the batch, shared among documents by their length.",
)
ENTITIES = Metric(
    Kind.COUNTER,
    "aegis_extraction_entities_total",
    ("entity_type", "pipeline_type"),
    "Entities named in documents that a run computed; LightRAG's own extraction has the type any.",
)
RELATIONS = Metric(
    Kind.COUNTER,
    "aegis_extraction_relations_total",
    ("pipeline_type",),
    "Relations stated in documents that a run computed.",
)
ERRORS = Metric(
    Kind.COUNTER,
    "aegis_extraction_errors_total",
    ("phase", "error_type", "severity"),
    "What went wrong in each run. warning: read in a lesser way; error: a file, a document or a chunk is lost; "
    "critical: the run failed.",
)
DOCUMENTS = Metric(
    Kind.COUNTER,
    "aegis_documents_total",
    ("status",),
    "Files by what a run made of them; parsed: those that are new or have changed.",
)
RETRIES = Metric(Kind.COUNTER, "aegis_retries_total", ("phase",), "Steps that Dagster tried again.")
DEGRADATIONS = Metric(
    Kind.COUNTER, "aegis_degradations_total", ("phase",), "Documents that a run read in a lesser way than asked for."
)
DEDUP_REDUCTION = Metric(
    Kind.GAUGE,
    "aegis_dedup_reduction_ratio",
    (),
    "Share of the mentions that are no entity of their own, in the batch of the last run that succeeded.",
)
LLM_CALLS = Metric(Kind.COUNTER, "aegis_llm_calls_total", ("pipeline_type",), "Calls of an LLM's server.")
LLM_TOKENS = Metric(
    Kind.COUNTER, "aegis_llm_tokens_total", ("kind", "pipeline_type"), "Tokens of prompts and answers, as it counts."
)
DEAD_LETTERS = Metric(
    Kind.GAUGE, "aegis_dead_letters", ("reason",), "Chunks of all batches that the LLM has lost and nobody has retried."
)
GATES = Metric(Kind.COUNTER, "aegis_gate_results_total", ("gate", "result"), "What gates said: passed, warned, failed.")
RUNS = Metric(
    Kind.COUNTER,
    "aegis_runs_total",
    ("dagster_job", "status"),  # Prometheus itself calls the scraped service a job
    "Runs that ended: success, failure, canceled.",
)
QUEUE = Metric(
    Kind.GAUGE, "aegis_run_queue_depth", ("status",), "Runs that have not ended: queued, starting, started, canceling."
)
LAST_SUCCESS = Metric(
    Kind.GAUGE,
    "aegis_last_success_timestamp_seconds",
    ("batch",),
    "When a run that brought the graph of a batch up to date last succeeded; the 200 batches of which that is newest.",
)
GPU_USED = Metric(Kind.GAUGE, "aegis_gpu_memory_usage_bytes", ("device",), "Memory in use on a GPU that is here.")
GPU_TOTAL = Metric(Kind.GAUGE, "aegis_gpu_memory_total_bytes", ("device",), "Memory of a GPU that is here.")
PEAK_VRAM = Metric(
    Kind.GAUGE,
    "aegis_peak_vram_bytes",
    ("phase",),
    "The most that a phase held of a GPU, in the last run that succeeded with it on one.",
)
BEHIND = Metric(
    Kind.GAUGE,
    "aegis_monitor_update_seconds",
    (),
    "How long it took to read the runs that ended since the last scrape.",
)

METRICS = (
    DURATION,
    ENTITIES,
    RELATIONS,
    ERRORS,
    DOCUMENTS,
    RETRIES,
    DEGRADATIONS,
    DEDUP_REDUCTION,
    LLM_CALLS,
    LLM_TOKENS,
    DEAD_LETTERS,
    GATES,
    RUNS,
    QUEUE,
    LAST_SUCCESS,
    GPU_USED,
    GPU_TOTAL,
    PEAK_VRAM,
    BEHIND,
)
