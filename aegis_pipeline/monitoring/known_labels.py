"""Label sets that can be told before a run has them.

They are served as zero: Prometheus takes a series that begins with 3 for one that has not grown by 3.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

from aegis_pipeline import errors
from aegis_pipeline.llm.faults import Fault
from aegis_pipeline.mentions.labels import entity_types
from aegis_pipeline.monitoring import metrics
from aegis_pipeline.monitoring.metrics import Metric
from aegis_pipeline.pipeline.error_counts import ErrorType, Severity
from aegis_pipeline.records import DocumentStatus, Outcome
from aegis_pipeline.settings import ExtractionPipeline

PHASES = {
    "raw_documents": ("documents", "shared"),
    "ner_entities": ("mentions", ExtractionPipeline.THREE_PHASE.value),
    "deduplicated_entities": ("entities", ExtractionPipeline.THREE_PHASE.value),
    "relations": ("relations", ExtractionPipeline.THREE_PHASE.value),
    "knowledge_graph": ("graph", ExtractionPipeline.THREE_PHASE.value),
    "legacy_graph": ("legacy", ExtractionPipeline.LIGHTRAG_DEFAULT.value),
}
"""Asset → its phase and pipeline."""

OUR_ERRORS = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.AegisError)
)
"""The names of our own exceptions."""

JOBS = (
    "process_batch",
    "extract_batch",
    "retry_dead_letters",
    "remove_batch",
    "audit_graph",
    "rebuild_from_documents",
    "purge_runs",
    "run_benchmark",
    "report_benchmark",
)
"""Our jobs in Dagster; a run of single assets has a job of Dagster's own."""

GATES = (
    "documents_parse_rate",
    "mention_rate",
    "dedup_ratio_bounds",
    "dedup_precision_on_gold",
    "relation_endpoints_exist",
    "degraded_fraction",
    "confidence_drift",
    "graph_counts_match",
    "vram_budget",
    "legacy_documents_extracted",
    "quality_on_gold",
)
"""Every gate."""

STOPPED, KILLED, UNEXPECTED = "gate", "killed", "unexpected"
"""What fails a run beside our own errors: a gate, an end from outside, and any other error."""

_RESULTS, _ENDS, _NO_PHASE = ("passed", "warned", "failed"), ("success", "failure", "canceled"), "run"
_PIPELINES = tuple(pipeline.value for pipeline in ExtractionPipeline)


@cache
def known_labels(metric: Metric) -> tuple[tuple[str, ...], ...]:
    """Of a counter or histogram; none of a gauge: what is not there has no value."""
    phases = [phase for phase, _ in PHASES.values()]
    return {
        metrics.DURATION: tuple(PHASES.values()),
        metrics.ENTITIES: (*((kind, _PIPELINES[0]) for kind in sorted(entity_types())), ("any", _PIPELINES[1])),
        metrics.RELATIONS: tuple((pipeline,) for pipeline in _PIPELINES),
        metrics.ERRORS: tuple(sorted(set(_errors()))),
        metrics.DOCUMENTS: tuple((status.value,) for status in DocumentStatus),
        metrics.RETRIES: tuple((phase,) for phase in phases),
        metrics.DEGRADATIONS: tuple((phase,) for phase in phases),
        metrics.LLM_CALLS: tuple((pipeline,) for pipeline in _PIPELINES),
        metrics.LLM_TOKENS: tuple(product(("prompt", "answer"), _PIPELINES)),
        metrics.GATES: tuple(product(GATES, _RESULTS)),
        metrics.RUNS: tuple(product(JOBS, _ENDS)),
    }.get(metric, ())


def _errors() -> Iterator[tuple[str, str, str]]:
    phases = [phase for phase, _ in PHASES.values()]
    fatal = {STOPPED, UNEXPECTED, *OUR_ERRORS}
    yield from product((*phases, _NO_PHASE), sorted(fatal), (Severity.CRITICAL.value,))
    yield _NO_PHASE, KILLED, Severity.CRITICAL.value
    unread = (status.value for status in DocumentStatus if status.is_parse_failure)
    yield from product(("documents",), unread, (Severity.ERROR.value,))
    lost = (Outcome.MALFORMED, Outcome.REFUSED, Outcome.UNAVAILABLE)
    for phase in ("mentions", "entities", "relations"):
        yield phase, ErrorType.DEGRADED.value, Severity.WARNING.value
        yield from ((phase, outcome.value, Severity.ERROR.value) for outcome in lost)
    yield from (("relations", fault.value, Severity.ERROR.value) for fault in Fault)
    yield "legacy", ErrorType.EXTRACTION_FAILED.value, Severity.ERROR.value
