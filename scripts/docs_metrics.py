"""The tables of metrics.md: every metric, from ``metrics.py``, and what a scrape costs, from its result."""

from docs_tables import result, table

from aegis_pipeline.monitoring.metrics import METRICS, Metric

_ONCE = "seconds to read all runs once"


def metrics_table() -> str:
    """A row for each metric: its name, its kind, its labels, what it says."""
    rows = [f"| `{metric.name}` | {metric.kind.value} | {_labels(metric)} | {metric.help} |" for metric in METRICS]
    return "\n".join(["| metric | kind | labels | |", "|---|---|---|---|", *rows])


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels)


def scrape_table() -> str:
    """A row for each number of past runs."""
    rows = (
        (f"{found['runs']:,}", *found["milliseconds of a scrape"].values(), found["bytes of the state"], found[_ONCE])
        for found in result("scrape")["after"]
    )
    return table(("past runs", "a scrape, median ms", "longest ms", "bytes of the state", _ONCE), rows)
