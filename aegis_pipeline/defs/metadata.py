"""Typed metadata of a materialization: row counts, columns, counts by kind, time, what was kept, what degraded."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import dagster as dg

from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.kept import PhaseUpdate
from aegis_pipeline.progress import report
from aegis_pipeline.records import ModelUsage, Outcome, PhaseOutcome
from aegis_pipeline.tables import Table

Metadata = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One asset of one batch while it is made: what its time and its rows are measured by."""

    name: str
    lake: DocumentLake
    batch: str
    started: float = field(default_factory=time.perf_counter)

    def result(self, uri: str, rows: int, *metadata: Metadata) -> dg.MaterializeResult[None]:
        """The step's end: its seconds and rows, told to who watches the run and kept with the rest."""
        seconds = time.perf_counter() - self.started
        report(self.name, rows, seconds)
        told: Metadata = {"dagster/uri": uri, "aegis/seconds": round(seconds, 3)}
        return dg.MaterializeResult(metadata={key: value for part in (told, *metadata) for key, value in part.items()})

    def table(self, table: Table[Any], rows: int, *metadata: Metadata) -> dg.MaterializeResult[None]:
        """The end of a step that made a table of the lake."""
        columns = [dg.TableColumn(column.name, str(column.type)) for column in table.schema]
        shape = {"dagster/partition_row_count": rows, "dagster/column_schema": dg.TableSchema(columns)}
        return self.result(str(self.lake.path(self.batch, table)), rows, shape, *metadata)


def kept_metadata(update: PhaseUpdate) -> Metadata:
    """How many documents' results were kept from earlier runs, and how many were made in this one."""
    kept = len(update.kept)
    return {"aegis/documents/kept": kept, "aegis/documents/computed": len(update.wanted) - kept}


def counted(prefix: str, values: Iterable[str]) -> Metadata:
    """``aegis/<prefix>/<value>`` → how often; for small, closed sets of values."""
    return {f"aegis/{prefix}/{value}": count for value, count in sorted(Counter(values).items())}


def outcome_metadata(outcomes: Sequence[PhaseOutcome]) -> Metadata:
    """How the phase ended for the documents, and every reason for which it was degraded."""
    reasons = Counter(o.detail for o in outcomes if o.outcome is Outcome.DEGRADED)
    listed = "\n".join(f"- {count} document(s): {reason}" for reason, count in reasons.most_common())
    return {
        **counted("outcomes", (outcome.outcome.value for outcome in outcomes)),
        "aegis/degraded": sum(reasons.values()),
        "aegis/degradations": dg.MetadataValue.md(listed or "none"),
    }


def rejected_metadata(outcomes: Sequence[PhaseOutcome]) -> Metadata:
    """How many statements were not kept, in all and by reason."""
    reasons: Counter[str] = Counter()
    for outcome in outcomes:
        reasons.update({rejection.reason: rejection.count for rejection in outcome.rejected})
    by_reason = {f"aegis/rejected/{reason}": count for reason, count in sorted(reasons.items())}
    return {"aegis/rejected": reasons.total(), **by_reason}


def llm_metadata(usage: ModelUsage, dead_letters: Counter[str]) -> Metadata:
    """What phase 3 took of an LLM in this run, and the chunks that it has lost, in all and by reason."""
    used = {f"aegis/llm/{name}": count for name, count in asdict(usage).items()}
    by_reason = {f"aegis/dead_letters/{reason}": count for reason, count in sorted(dead_letters.items())}
    return {**used, "aegis/dead_letters": dead_letters.total(), **by_reason}
