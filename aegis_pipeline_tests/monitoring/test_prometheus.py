"""A real Prometheus has what the service says; names and text are as its own tool wants them, and documented."""

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from aegis_pipeline.monitoring import metrics
from aegis_pipeline.monitoring.metrics import METRICS, Metric
from aegis_pipeline_tests.monitoring.conftest import Watched

pytestmark = pytest.mark.dagster

REPOSITORY = Path(__file__).resolve().parents[2]
PROMTOOL = shutil.which("promtool")


def query(prometheus: str, expression: str, at: float | None = None) -> dict[tuple[str, ...], float]:
    """Labels other than the target's, in the order of their names → value; ``at`` is in seconds since 1970."""
    asked = {"query": expression} | ({} if at is None else {"time": str(at)})
    answer = httpx.get(f"{prometheus}/api/v1/query", params=asked).raise_for_status().json()
    found = answer["data"]["result"]
    own = {"__name__", "instance", "job"}
    return {
        tuple(value for name, value in sorted(each["metric"].items()) if name not in own): float(each["value"][1])
        for each in found
    }


def test_prometheus_has_the_runs_of_the_home(watched: Watched, prometheus: str) -> None:
    assert query(prometheus, f"{metrics.RUNS.name} > 0") == {
        ("process_batch", "success"): 2,
        ("process_batch", "failure"): 1,
    }
    batches = {(run.batch,) for run in watched.runs.values() if run.success}
    assert query(prometheus, metrics.LAST_SUCCESS.name).keys() == batches
    assert query(prometheus, f'{metrics.ERRORS.name}{{severity="critical"}} > 0') == {
        ("gate", "documents", "critical"): 1
    }


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_served_and_documented(service: str, metric: Metric) -> None:
    text = httpx.get(f"{service}/metrics", timeout=60).text
    assert f"# TYPE {metric.name} {metric.kind.value}\n" in text
    assert f"| `{metric.name}` |" in (REPOSITORY / "docs" / "metrics.md").read_text(encoding="utf-8")


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool; it comes with Prometheus")
def test_promtool_finds_no_fault(service: str) -> None:
    text = httpx.get(f"{service}/metrics", timeout=60).content
    checked = subprocess.run([str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, timeout=60)
    assert (checked.returncode, checked.stderr) == (0, b"")
