"""The pipeline over labelled documents with a reader, and what it cost; used by ``measure_reader.py``."""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from aegis_pipeline.benchmarks.measuring import documents_of
from aegis_pipeline.benchmarks.scoring import Prediction, load, score
from aegis_pipeline.benchmarks.statements import Gold
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.records import Document
from aegis_pipeline.settings import NerBackend, RelationBackend, Settings

LEAST = 0.02  # confidence: below it one in forty is right, and the curve has nothing to show


@dataclass(frozen=True)
class Run:
    """What was found in some documents, every statement down to ``LEAST``; ``cpu_seconds`` are of all three phases."""

    extraction: Extraction
    cpu_seconds: float

    @cached_property
    def lines(self) -> dict[str, Prediction]:
        """As ``aegis extract`` would write them, by document id."""
        return {line["id"]: line for line in prediction_lines(self.extraction)}  # type: ignore[misc]

    def at(self, confidence: float) -> "Run":
        """The same without statements below ``confidence``."""
        kept = tuple(r for r in self.extraction.relations if r.confidence >= confidence)
        phase3 = replace(self.extraction.phase3, relations=kept)
        return replace(self, extraction=replace(self.extraction, phase3=phase3))

    def scored(self, gold: Gold) -> dict[str, Any]:
        """The figures of ``benchmarks/scoring``."""
        return score(gold, self.lines)

    def related(self, gold: Gold, least: float) -> dict[str, Any]:
        """Those of relations, without statements below that confidence."""
        return {name: figure for name, figure in self.at(least).scored(gold).items() if name.startswith("rel_")}


def extractor(reader: Path, ner: NerBackend) -> ThreePhaseExtractor:
    """All three phases with default settings but for the reader and the backend of phase 1; models are loaded."""
    settings = Settings().model_copy(
        update={
            "ner_backend": ner,
            "relation_backend": RelationBackend.EMBEDDED,
            "reader_model": reader,
            "relation_min_confidence": LEAST,
        }
    )
    made = ThreePhaseExtractor.from_settings(settings)
    made.extract("Marie Curie was born in Warsaw.")
    return made


def run(extractor: ThreePhaseExtractor, documents: Sequence[Document]) -> Run:
    """Phases 1 to 3 over a batch."""
    began = time.process_time()
    extraction = extractor.extract_documents(documents)
    return Run(extraction, time.process_time() - began)


class Part(NamedTuple):
    """Labelled documents, and what was found in them."""

    gold: Gold
    run: Run

    @classmethod
    def of(cls, path: Path, lines: str, extractor: ThreePhaseExtractor) -> "Part":
        """Those lines of a labelled file."""
        gold = load(path, lines)
        return cls(gold, run(extractor, documents_of(gold)))


def peak_megabytes() -> int:
    """The most memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))
