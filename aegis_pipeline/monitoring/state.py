"""The sums behind the metrics, in one small SQLite file: what was counted stays so when Dagster forgets its runs.

Sums and the places up to which the event log was read change in one transaction: a run is counted once, whatever is
killed when. The file holds a row for each value that is exposed, and so does not grow with the number of runs.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aegis_pipeline.monitoring.metrics import LAST_SUCCESS, Kind, Metric

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sums (metric TEXT, labels TEXT, part TEXT, value REAL, PRIMARY KEY (metric, labels, part));
CREATE TABLE IF NOT EXISTS places (log TEXT PRIMARY KEY, cursor TEXT);
"""
_ADD = "INSERT INTO sums VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = {}"
_NEWEST = (
    "DELETE FROM sums WHERE metric = :metric AND labels NOT IN "
    "(SELECT labels FROM sums WHERE metric = :metric ORDER BY value DESC LIMIT :most)"
)
_BATCHES = 200
_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Sample:
    """A number for a metric: counters and histograms add it up, gauges are set to it.

    ``part`` is empty but for histograms: the upper bound of a bucket, or ``sum``.
    """

    metric: Metric
    labels: tuple[str, ...]
    value: float
    part: str = ""


class MetricState:
    """The file at ``path``; made where it is not there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def place(self, log: str) -> str | None:
        """The cursor up to which ``log`` was read; None at the beginning."""
        with self._connected() as database:
            row = database.execute("SELECT cursor FROM places WHERE log = ?", (log,)).fetchone()
        return row[0] if row else None

    def add(self, samples: Iterable[Sample], log: str, before: str | None, after: str) -> bool:
        """Count ``samples`` and move the place of ``log`` from ``before`` to ``after``.

        False, and nothing is counted, where another process has moved it in the meantime.
        """
        with self._connected() as database, database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute("SELECT cursor FROM places WHERE log = ?", (log,)).fetchone()
            if (found[0] if found else None) != before:
                return False
            for sample in samples:
                how = "excluded.value" if sample.metric.kind is Kind.GAUGE else "value + excluded.value"
                row = (sample.metric.name, json.dumps(sample.labels), sample.part, sample.value)
                database.execute(_ADD.format(how), row)
            database.execute(_NEWEST, {"metric": LAST_SUCCESS.name, "most": _BATCHES})
            database.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (log, after))
        return True

    def sums(self, metric: Metric) -> dict[tuple[str, ...], dict[str, float]]:
        """Labels → part → value."""
        rows = "SELECT labels, part, value FROM sums WHERE metric = ? ORDER BY labels"
        found: dict[tuple[str, ...], dict[str, float]] = {}
        with self._connected() as database:
            for labels, part, value in database.execute(rows, (metric.name,)):
                found.setdefault(tuple(json.loads(labels)), {})[part] = value
        return found

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)) as database:
            database.executescript(_SCHEMA)
            yield database
