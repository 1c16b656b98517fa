"""The three phases in a row, as they are configured: what the whole pipeline takes of a card at most."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aegis_pipeline.benchmarks.gpu_profile.meter import Meter
from aegis_pipeline.benchmarks.worlds import documents_of, scenario_named
from aegis_pipeline.records import Document

SCENARIO = "batch_50"
_GB = 1e9


@dataclass(frozen=True, slots=True)
class PipelinePeak:
    """GB of 10^9 bytes that our process held at most, models included; not what an LLM's server holds."""

    documents: int
    words: int
    peak_gb: float
    words_per_second: float


def generated_documents(seed: int) -> list[Document]:
    """The benchmark's fifty small documents."""
    made = documents_of(scenario_named(SCENARIO), seed)
    return [Document(each["id"], each["id"], each["text"], "") for each in made]


def pipeline_peak(
    extract: Callable[[Sequence[Document]], object], documents: Sequence[Document], meter: Meter
) -> PipelinePeak:
    """``extract`` once over all documents; what it loads on the way counts in its time."""
    words = sum(len(document.text.split()) for document in documents)
    meter.clean_up()
    meter.begin()
    started = time.perf_counter()
    extract(documents)
    meter.end_of_work()
    return PipelinePeak(len(documents), words, meter.peak() / _GB, words / (time.perf_counter() - started))
