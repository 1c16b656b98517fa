"""What a scrape gets: the state's sums, and what can only be asked for now."""

import time
from collections.abc import Iterable, Iterator
from threading import Lock

import dagster as dg
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models.gpu_cards import gpu_memory
from aegis_pipeline.monitoring import metrics
from aegis_pipeline.monitoring.event_log import update_state
from aegis_pipeline.monitoring.known_labels import known_labels
from aegis_pipeline.monitoring.lost_chunks import LostChunks
from aegis_pipeline.monitoring.metrics import METRICS, Kind, Metric
from aegis_pipeline.monitoring.state import MetricState
from aegis_pipeline.pipeline.metering import BUCKETS
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.settings import Settings

Values = dict[tuple[str, ...], dict[str, float]]
_WAITING = {
    "queued": dg.DagsterRunStatus.QUEUED,
    "starting": dg.DagsterRunStatus.STARTING,
    "started": dg.DagsterRunStatus.STARTED,
    "canceling": dg.DagsterRunStatus.CANCELING,
}


def metric_state(configured: Settings) -> MetricState:
    """Where the sums are kept."""
    return MetricState(configured.home / "monitoring" / "metrics.sqlite")


class PipelineCollector(Collector):
    """Every metric of ``metrics.py``, brought up to date when it is scraped.

    A scrape of which a part fails, fails as a whole: a number that is missing is not to be taken for zero.
    """

    def __init__(self, state: MetricState, instance: dg.DagsterInstance, lake: DocumentLake) -> None:
        self._state, self._instance, self._lake, self._lost = state, instance, lake, LostChunks(lake)
        self._lock = Lock()

    def describe(self) -> Iterable[Family]:
        """Names without values: prometheus-client asks for them when the collector is registered."""
        return [_family(metric, {}) for metric in METRICS]

    def collect(self) -> Iterator[Family]:
        """The families, in the order of ``METRICS``."""
        with self._lock:
            started = time.perf_counter()
            update_state(self._state, self._instance)
            now = self._now()
            now[metrics.LAST_SUCCESS] = self._last_successes()
            now[metrics.BEHIND] = {(): {"": time.perf_counter() - started}}
            families = [_family(metric, now[metric] if metric in now else self._counted(metric)) for metric in METRICS]
        yield from families

    def _last_successes(self) -> Values:
        """Of the batches that have not been removed."""
        batches = set(self._lake.batches())
        return {labels: last for labels, last in self._state.sums(metrics.LAST_SUCCESS).items() if labels[0] in batches}

    def _counted(self, metric: Metric) -> Values:
        return {labels: {"": 0.0} for labels in known_labels(metric)} | self._state.sums(metric)

    def _now(self) -> dict[Metric, Values]:
        gpus = gpu_memory()
        now: dict[Metric, dict[tuple[str, ...], float]] = {
            metrics.QUEUE: {(name,): float(self._count(status)) for name, status in _WAITING.items()},
            metrics.DEAD_LETTERS: {(reason,): float(n) for reason, n in sorted(self._lost.by_reason().items())},
            metrics.GPU_USED: {(device,): float(memory.used) for device, memory in gpus.items()},
            metrics.GPU_TOTAL: {(device,): float(memory.total) for device, memory in gpus.items()},
        }
        return {metric: {labels: {"": value} for labels, value in values.items()} for metric, values in now.items()}

    def _count(self, status: dg.DagsterRunStatus) -> int:
        return self._instance.get_runs_count(dg.RunsFilter(statuses=[status]))


def build_registry(configured: Settings, instance: dg.DagsterInstance) -> CollectorRegistry:
    """A registry with all metrics of this home and this instance."""
    registry = CollectorRegistry()
    registry.register(PipelineCollector(metric_state(configured), instance, document_lake(configured)))
    return registry


def _family(metric: Metric, values: Values) -> Family:
    if metric.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, parts in values.items():
            histogram.add_metric(labels, _cumulated(parts), parts.get("sum", 0.0))
        return histogram
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family: CounterMetricFamily | GaugeMetricFamily = kind(metric.name, metric.help, labels=metric.labels)
    for labels, parts in values.items():
        family.add_metric(labels, parts[""])
    return family


def _cumulated(parts: dict[str, float]) -> list[tuple[str, float]]:
    """Upper bound → how many took at most that long, as Prometheus has it."""
    total, buckets = 0.0, []
    for bound in BUCKETS:
        total += parts.get(bound, 0.0)
        buckets.append((bound, total))
    return buckets
