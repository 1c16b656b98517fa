"""A workload over batch sizes, and whether its memory grows from batch to batch."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aegis_pipeline.benchmarks.gpu_profile.meter import Meter
from aegis_pipeline.benchmarks.gpu_profile.workloads import TOKENS, Work, Workload
from aegis_pipeline.models.halving import is_out_of_memory

_GB = 1e9
_WARM_UP, _REPEATS = 2, 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One model and batch size. GB of 10^9 bytes; ``peak_gb`` is None where memory ended.

    ``off_by`` is how far the prediction is from the peak, as a share of the peak.
    """

    model: str
    weights: str
    batch: int
    weights_gb: float
    peak_gb: float | None
    predicted_gb: float
    tokens_per_second: float | None

    @property
    def off_by(self) -> float | None:
        """Positive where more was predicted than was used."""
        return None if self.peak_gb is None else self.predicted_gb / self.peak_gb - 1


@dataclass(frozen=True, slots=True)
class Leak:
    """GB that tensors held after the first tenth of the batches, and after the last one."""

    model: str
    batches: int
    early_gb: float
    late_gb: float


def measured(workload: Workload, batches: Sequence[int], meter: Meter) -> Iterator[Measured]:
    """The workload at each batch size, the smallest first; after one for which memory does not suffice, none."""
    meter.clean_up()
    before = meter.held()
    work = workload.make(meter.device)
    weights = (meter.held() - before) / _GB
    for batch in sorted(batches):
        found = _at(work, batch, meter)
        peak, speed = found or (None, None)
        yield Measured(workload.name, workload.weights, batch, weights, peak, workload.predicted_gb(batch), speed)
        if found is None:
            return


def leak_of(workload: Workload, batch: int, batches: int, meter: Meter) -> Leak:
    """The workload ``batches`` times over, at one batch size."""
    work = workload.make(meter.device)
    held = []
    for _ in range(batches):
        work(batch)
        meter.end_of_work()
        held.append(meter.held() / _GB)
    return Leak(workload.name, batches, held[max(0, batches // 10 - 1)], held[-1])


def _at(work: Work, batch: int, meter: Meter) -> tuple[float, float] | None:
    """GB at most, and tokens a second; None where memory ended."""
    meter.clean_up()
    meter.begin()
    try:
        for _ in range(_WARM_UP):
            work(batch)
        meter.end_of_work()
        started = time.perf_counter()
        for _ in range(_REPEATS):
            work(batch)
        meter.end_of_work()
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return None
    return meter.peak() / _GB, _REPEATS * batch * TOKENS / (time.perf_counter() - started)
