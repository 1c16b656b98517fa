"""Typed metadata of a materialization: row counts, columns, counts by kind, time, what was kept, what degraded."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import dagster as dg

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import halved_so_far
from aegis_pipeline.models.gpu_memory import begin_peak, cleanup_gpu_memory, peak_vram_bytes
from aegis_pipeline.pipeline.batches import characters_of
from aegis_pipeline.pipeline.error_counts import ErrorCounts, errors_of_phase
from aegis_pipeline.pipeline.kept import PhaseUpdate
from aegis_pipeline.pipeline.metering import durations, lengths_of, new_entities
from aegis_pipeline.progress import report
from aegis_pipeline.records import DeadLetter, ModelUsage, Outcome, PhaseOutcome
from aegis_pipeline.tables import Table

Metadata = dict[str, Any]
PEAK_VRAM = "aegis/peak_vram_bytes"


@dataclass(frozen=True, slots=True)
class Step:
    """One asset of one batch while it is made: what its time and its rows are measured by."""

    name: str
    lake: DocumentLake
    batch: str
    started: float = field(default_factory=time.perf_counter)
    halved: int = field(default_factory=halved_so_far)

    def __post_init__(self) -> None:
        """What is the peak of a GPU's memory from here on is this step's."""
        begin_peak()

    def result(self, uri: str, rows: int, *metadata: Metadata, computed: Collection[str]) -> dg.MaterializeResult[None]:
        """The step's end: its seconds and rows, told to who watches the run and kept with the rest.

        ``computed`` are the ids of the documents of which the step has made something anew.
        """
        seconds = time.perf_counter() - self.started
        report(self.name, rows, seconds)
        lengths = lengths_of(computed, characters_of(self.lake, self.batch))
        told: Metadata = {
            "dagster/uri": uri,
            "aegis/seconds": round(seconds, 3),
            "aegis/durations": dg.MetadataValue.json(asdict(durations(seconds, lengths))),
            "aegis/batches_halved": halved_so_far() - self.halved,
            **_peak(),
        }
        cleanup_gpu_memory()  # the next step may be another process's, or that of a model's server
        return dg.MaterializeResult(metadata={key: value for part in (told, *metadata) for key, value in part.items()})

    def table(
        self, table: Table[Any], rows: int, *metadata: Metadata, computed: Collection[str]
    ) -> dg.MaterializeResult[None]:
        """The end of a step that made a table of the lake."""
        columns = [dg.TableColumn(column.name, str(column.type)) for column in table.schema]
        shape = {"dagster/partition_row_count": rows, "dagster/column_schema": dg.TableSchema(columns)}
        return self.result(str(self.lake.path(self.batch, table)), rows, shape, *metadata, computed=computed)


def _peak() -> Metadata:
    """The most that torch has held of a GPU in this step; nothing where it used none."""
    peak = peak_vram_bytes()
    return {} if peak is None else {PEAK_VRAM: peak}


def kept_metadata(update: PhaseUpdate) -> Metadata:
    """How many documents' results were kept from earlier runs, and how many were made in this one."""
    kept = len(update.kept)
    return {"aegis/documents/kept": kept, "aegis/documents/computed": len(update.wanted) - kept}


def new_metadata(lake: DocumentLake, batch: str, computed: Collection[str]) -> Metadata:
    """How many entities, by type, and relations are in the documents that phase 3 computed anew."""
    new = set(computed)
    stated = (document in new for document in lake.column(batch, tables.RELATIONS, "document_id"))
    entities = new_entities(lake.read(batch, tables.ENTITIES), new)
    return {"aegis/new_relations": sum(stated), **{f"aegis/new_entities/{type_}": n for type_, n in entities.items()}}


def counted(prefix: str, values: Iterable[str]) -> Metadata:
    """``aegis/<prefix>/<value>`` → how often; for small, closed sets of values."""
    return {f"aegis/{prefix}/{value}": count for value, count in sorted(Counter(values).items())}


def outcome_metadata(outcomes: Sequence[PhaseOutcome], dead_letters: Sequence[DeadLetter] = ()) -> Metadata:
    """How the phase ended for the documents, what went wrong, and every reason for which it was degraded."""
    reasons = Counter(o.detail for o in outcomes if o.outcome is Outcome.DEGRADED)
    listed = "\n".join(f"- {count} document(s): {reason}" for reason, count in reasons.most_common())
    return {
        **counted("outcomes", (outcome.outcome.value for outcome in outcomes)),
        **error_metadata(errors_of_phase(outcomes, dead_letters)),
        "aegis/degraded": sum(reasons.values()),
        "aegis/degradations": dg.MetadataValue.md(listed or "none"),
    }


def error_metadata(errors: ErrorCounts) -> Metadata:
    """``aegis/errors/<error type>/<severity>`` → how many; the phase is the asset's."""
    return {f"aegis/errors/{kind.value}/{severity.value}": count for (kind, severity), count in sorted(errors.items())}


def rejected_metadata(outcomes: Sequence[PhaseOutcome]) -> Metadata:
    """How many statements were not kept, in all and by reason."""
    reasons: Counter[str] = Counter()
    for outcome in outcomes:
        reasons.update({rejection.reason: rejection.count for rejection in outcome.rejected})
    by_reason = {f"aegis/rejected/{reason}": count for reason, count in sorted(reasons.items())}
    return {"aegis/rejected": reasons.total(), **by_reason}


def llm_metadata(usage: ModelUsage, dead_letters: Sequence[DeadLetter]) -> Metadata:
    """What phase 3 took of an LLM in this run, and the chunks that it has lost, in all and by reason."""
    used = {f"aegis/llm/{name}": count for name, count in asdict(usage).items()}
    reasons = (letter.reason for letter in dead_letters)
    return {**used, "aegis/dead_letters": len(dead_letters), **counted("dead_letters", reasons)}
