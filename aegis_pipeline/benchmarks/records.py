"""What a benchmark measured: one cell for each variant and scenario, as the result file has it."""

from enum import StrEnum
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(_Record):
    """One figure of each repeat, in the order in which they were measured."""

    values: tuple[float, ...] = Field(min_length=1, description="one for each repeat")

    @property
    def median(self) -> float:
        """The figure that is quoted."""
        return median(self.values)


class Cost(_Record):
    """What a phase, or the whole job, took."""

    wall_seconds: Spread
    cpu_seconds: Spread


class Counts(_Record):
    """What was found against gold, summed over a scenario's documents."""

    tp: int = Field(ge=0, description="found and in gold")
    fp: int = Field(ge=0, description="found, not in gold")
    fn: int = Field(ge=0, description="in gold, not found")
    precision: float = Field(ge=0, le=1)
    recall: float = Field(ge=0, le=1)
    f1: float = Field(ge=0, le=1)


class Quality(_Record):
    """Counts of each kind of finding that the scenario's gold allows."""

    mentions: Counts | None = None
    identity: Counts | None = Field(None, description="pairs of mentions of one entity")
    relations: Counts | None = Field(None, description="head, tail and predicate")
    related_pairs: Counts | None = Field(None, description="pairs without direction or predicate, of either arm")


class Status(StrEnum):
    """Whether a cell has figures."""

    MEASURED = "measured"
    NOT_RUN = "not run"


class Figures(_Record):
    """The figures of a cell that was measured."""

    documents: int = Field(ge=1)
    words: int = Field(ge=1)
    failed: int = Field(ge=0, description="documents that ended without a result")
    load: Cost = Field(description="loading the models, apart from the rest, once for each repeat")
    phases: dict[str, Cost] = Field(description="by the phase's name")
    total: Cost = Field(description="the whole job with the models loaded, writing the graph included")
    peak_ram_bytes: int = Field(ge=0)
    peak_vram_bytes: int | None = Field(None, description="none without a GPU")
    calls: int = Field(0, ge=0, description="of an LLM")
    prompt_tokens: int = Field(0, ge=0)
    answer_tokens: int = Field(0, ge=0)
    entities: int = Field(ge=0)
    relations: int = Field(ge=0)
    quality: Quality = Quality()
    machine: str = Field(description="processor architecture, threads, GPU; no name of a host")
    versions: dict[str, str] = Field(description="of the packages that decide on speed and findings, and of Python")
    models: dict[str, Any] = Field(description="names and digests of all models, and the version of a model's server")


class Cell(_Record):
    """One variant on one scenario."""

    variant: str
    scenario: str
    status: Status
    reason: str = Field("", description="why it was not run, and what to do")
    command: str = Field(description="what measures this cell")
    figures: Figures | None = None


class BenchmarkResults(_Record):
    """A result file."""

    schema_version: int = 1
    command: str = Field(description="what wrote the file")
    seed: int = Field(description="of the generated documents")
    cells: tuple[Cell, ...]
