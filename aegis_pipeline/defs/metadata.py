"""Typed metadata of a materialization: row counts, columns, counts by kind, time, and what was degraded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg

from aegis_pipeline.lake import DocumentLake, Table
from aegis_pipeline.records import Outcome, PhaseOutcome

Metadata = dict[str, Any]


def table_metadata(lake: DocumentLake, batch: str, table: Table[Any], rows: int, seconds: float) -> Metadata:
    """What Dagster's UI shows of a table in the lake; ``seconds`` is the time of the phase that made it."""
    columns = [dg.TableColumn(field.name, str(field.type)) for field in table.schema]
    return {
        "dagster/partition_row_count": rows,
        "dagster/column_schema": dg.TableSchema(columns),
        "dagster/uri": str(lake.path(batch, table)),
        "aegis/seconds": round(seconds, 3),
    }


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
