"""One repeat of a cell in this process: a variant over a scenario's documents, with what it took and what it found."""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from aegis_pipeline.benchmarks.matrix.variants import Variant
from aegis_pipeline.benchmarks.scoring import GoldDocument
from aegis_pipeline.documents import read_folder
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import EmbeddedGraphStore, contribute
from aegis_pipeline.models import load_encoder
from aegis_pipeline.models.gpu_memory import peak_vram_bytes
from aegis_pipeline.pipeline.comparing import ArmResult, FoundDocument, legacy_result, three_phase_arm
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.records import Document, Outcome
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import ExtractionPipeline, Settings

_BATCH = "benchmark"
_LOST = {Outcome.MALFORMED, Outcome.REFUSED, Outcome.UNAVAILABLE}
_KIB = 1024
WARM_UP = "Ada Lovelace worked with Charles Babbage in London."


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall time, and CPU time of this process over all its threads."""

    wall: float
    cpu: float


@dataclass(slots=True)
class Repeat:
    """What one repeat took and found. ``lines`` are the three phases' predictions, ``found`` either arm's names."""

    load: Seconds
    total: Seconds
    phases: dict[str, Seconds]
    entities: int
    relations: int
    failed: int
    degraded: int
    calls: int
    prompt_tokens: int
    answer_tokens: int
    found: list[FoundDocument]
    lines: list[dict[str, Any]] = field(default_factory=list)
    peak_ram_bytes: int = 0
    peak_vram_bytes: int | None = None


REPEAT = TypeAdapter(Repeat)


@dataclass(slots=True)
class Clock:
    """Times what is done within ``lap``."""

    laps: dict[str, Seconds] = field(default_factory=dict)

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Whatever happens inside is the time of ``name``."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.laps[name] = Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def measure(variant: Variant, gold: Sequence[GoldDocument], configured: Settings, home: Path) -> Repeat:
    """The whole job on ``gold``'s texts as files, in ``home``, once.

    Raises:
        AegisError: a model or its server does not do what it should.
    """
    folder = _written(gold, home / "documents")
    settings = variant.settings(configured, home)
    three_phase = variant.arm is ExtractionPipeline.THREE_PHASE
    repeat = (_three_phase if three_phase else _legacy)(settings, folder, home)
    repeat.peak_ram_bytes = _peak_ram()
    repeat.peak_vram_bytes = peak_vram_bytes()
    return repeat


def _written(gold: Sequence[GoldDocument], folder: Path) -> Path:
    folder.mkdir(parents=True)
    for document in gold:
        path = folder / document["id"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document["text"], encoding="utf-8", newline="")
    return folder


def _three_phase(settings: Settings, folder: Path, home: Path) -> Repeat:
    clock = Clock()
    with clock.lap("load"):
        extractor = ThreePhaseExtractor.from_settings(settings)
        extractor.extract(WARM_UP)
        encoder = load_encoder(settings.encoder_model, device=settings.device)
    with clock.lap("total"):
        with clock.lap("documents"):
            documents = _read(folder, settings)
        found = extractor.extract_documents(documents)
        with clock.lap("graph"):
            parts = (documents, found.chunks, found.entities, found.relations)
            contribution = contribute(_BATCH, *parts, load_schema(settings.relation_schema))
            store = EmbeddedGraphStore(home / "graph", encoder, settings.extraction_batch_size)
            store.write(contribution)
            store.close()
    load, total, read, written = (clock.laps[name] for name in ("load", "total", "documents", "graph"))
    phases = {name: Seconds(found.seconds[name], found.cpu_seconds[name]) for name in found.seconds}
    usage = found.phase3.usage
    arm = three_phase_arm(documents, found.chunks, found.entities, found.relations)
    return Repeat(
        load,
        total,
        {"documents": read, **phases, "graph": written},
        len(arm.entities),
        len(found.relations),
        *_outcomes(found),
        usage.calls,
        usage.prompt_tokens,
        usage.answer_tokens,
        list(arm.documents),
        _by_path(documents, found),
    )


def _read(folder: Path, settings: Settings) -> tuple[Document, ...]:
    read = read_folder(folder, settings)
    if not read.documents:
        raise InputError("None of the scenario's documents can be read: look at them by `aegis benchmark documents`.")
    return tuple(read.documents)


def _outcomes(found: Extraction) -> tuple[int, int]:
    """How many documents are lost in a phase, and how many a lesser way did."""
    outcomes = [*found.phase1.outcomes, *found.phase3.outcomes]
    lost = {each.document_id for each in outcomes if each.outcome in _LOST}
    degraded = {each.document_id for each in outcomes if each.outcome is Outcome.DEGRADED}
    return len(lost), len(degraded - lost)


def _by_path(documents: Sequence[Document], found: Extraction) -> list[dict[str, Any]]:
    """Predictions under the paths, which are gold's ids."""
    paths = {document.id: document.path for document in documents}
    return [{**line, "id": paths[line["id"]]} for line in prediction_lines(found)]


def _legacy(settings: Settings, folder: Path, home: Path) -> Repeat:
    clock = Clock()
    with clock.lap("load"):
        elsewhere = settings.model_copy(update={"aegis_home": home / "warm"})
        LegacyPipeline.from_settings(elsewhere).update(_BATCH, [Document("warm", "warm.txt", WARM_UP, "")])
        pipeline = LegacyPipeline.from_settings(settings)
    with clock.lap("total"):
        with clock.lap("documents"):
            documents = _read(folder, settings)
        with clock.lap("lightrag"):
            update = pipeline.update(_BATCH, documents)
    processed, usage = pipeline.documents(_BATCH), update.usage
    arm = legacy_result(_BATCH, processed) if processed else ArmResult((), 0)
    load, total = clock.laps.pop("load"), clock.laps.pop("total")
    counts = (len(arm.entities), len(arm.relations), len(update.documents.failed), 0)
    tokens = (usage.calls, usage.prompt_tokens, usage.answer_tokens)
    return Repeat(load, total, clock.laps, *counts, *tokens, list(arm.documents))


def _peak_ram() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIB
