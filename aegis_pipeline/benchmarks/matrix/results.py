"""What a benchmark measured: one cell for each variant and scenario, as the result file has it."""

from enum import StrEnum
from statistics import median
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


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
    cpu_seconds: Spread = Field(description="of our process: a model's server has its own")


class Counts(_Record):
    """What was found against gold, summed over a scenario's documents."""

    tp: int = Field(ge=0, description="found and in gold")
    fp: int = Field(ge=0, description="found, not in gold")
    fn: int = Field(ge=0, description="in gold, not found")
    precision: float = Field(ge=0, le=1)
    recall: float = Field(ge=0, le=1)
    f1: float = Field(ge=0, le=1)


class Quality(_Record):
    """Counts of each kind of finding; None where gold or the variant does not have it."""

    mentions: Counts | None = Field(None, description="spans")
    identity: Counts | None = Field(None, description="pairs of mentions of one entity, within a document")
    identity_across: Counts | None = Field(None, description="the same, over all documents")
    relations: Counts | None = Field(None, description="head, property and tail")
    named_mentions: Counts | None = Field(None, description="places of names, either arm's in the same way")
    named_identity: Counts | None = Field(None, description="pairs of these, either arm's in the same way")
    related_pairs: Counts | None = Field(None, description="without property or direction, either arm's")


class Status(StrEnum):
    """Whether a cell has figures."""

    MEASURED = "measured"
    NOT_RUN = "not run"


class Figures(_Record):
    """The figures of a cell that was measured."""

    documents: int = Field(ge=1)
    words: int = Field(ge=1)
    failed: int = Field(ge=0, description="documents that ended without a result")
    degraded: int = Field(ge=0, description="documents that a fallback did, beside the failed ones")
    load: Cost = Field(description="loading the models and a first short text, apart from the rest")
    phases: dict[str, Cost] = Field(description="by the phase's name")
    total: Cost = Field(description="from files to the written graph, with the models loaded")
    peak_ram_bytes: int = Field(ge=0, description="of our process, the largest of the repeats")
    peak_vram_bytes: int | None = Field(None, description="of our process; none without a GPU")
    server_vram_bytes: int | None = Field(None, description="of the model in its server; none without a server")
    calls: int = Field(ge=0, description="of an LLM")
    prompt_tokens: int = Field(ge=0)
    answer_tokens: int = Field(ge=0)
    entities: int = Field(ge=0)
    relations: int = Field(ge=0)
    quality: Quality
    machine: str = Field(description="processor architecture, threads, GPU; no name of a host")
    versions: dict[str, str] = Field(description="of Python and of the packages that decide on speed and findings")
    made_with: dict[str, Any] = Field(description="data, models by digest, the version of their server, settings")

    @model_validator(mode="after")
    def _is_proven(self) -> Self:
        """A row whose model nobody can name may come from no model at all: a fake server's answers are no result."""
        if "unproven" in self.made_with:
            raise ValueError(f"of which model these figures are is not proven: {self.made_with['unproven']}")
        if self.calls and "model" not in self.made_with:
            raise ValueError("an LLM was called, and `made_with` names none")
        return self


class Cell(_Record):
    """One variant on one scenario."""

    variant: str
    scenario: str
    status: Status
    reason: str = Field("", description="why it was not run, and what to do")
    command: str = Field(description="what measures this cell")
    figures: Figures | None = None

    @model_validator(mode="after")
    def _has_figures_or_a_reason(self) -> Self:
        if (self.status is Status.MEASURED) != (self.figures is not None):
            raise ValueError("a cell that was measured has figures, and no other")
        if self.status is Status.NOT_RUN and not self.reason:
            raise ValueError("a cell that was not run says why")
        return self


class BenchmarkResults(_Record):
    """A result file. Its JSON schema is docs/results/benchmark.schema.json."""

    schema_version: int = Field(1, ge=1, le=1)
    command: str = Field(description="what wrote the file")
    seed: int = Field(description="of the generated documents")
    cells: tuple[Cell, ...]

    def cell(self, variant: str, scenario: str) -> Cell | None:
        """That cell, if it is there."""
        found = (cell for cell in self.cells if (cell.variant, cell.scenario) == (variant, scenario))
        return next(found, None)
