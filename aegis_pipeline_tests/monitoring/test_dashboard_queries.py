"""Every query of the dashboard and of the alerts, on a real Prometheus that has scraped real runs."""

import time

import pytest

from aegis_pipeline_tests.deploy.dashboard import queries
from aegis_pipeline_tests.monitoring.test_prometheus import query

pytestmark = [pytest.mark.dagster, pytest.mark.slow]

QUERIES = queries()
NOTHING_THERE = {
    "Degraded documents and retried steps B": "no step was tried again",
    "Dead letters by reason A": "no LLM has lost one",
    "GPU memory A": "no GPU",
    "AegisGpuMemory": "no GPU",
    "AegisDeadLettersGrow": "the same as six hours ago",
    "AegisNoSuccess": "one is there",
    "AegisMonitorDown": "it answers",
    "AegisErrorRate": "the counters have not grown since the first scrape",
}


@pytest.fixture(scope="module")
def scraped(prometheus: str) -> str:
    """A Prometheus that has scraped often enough to know of growth."""
    deadline = time.monotonic() + 60
    while not any(count >= 3 for count in query(prometheus, "count_over_time(aegis_runs_total[1m])").values()):
        assert time.monotonic() < deadline, "three scrapes took over a minute"
        time.sleep(0.5)
    return prometheus


@pytest.mark.parametrize("place", sorted(QUERIES))
def test_query_is_answered(place: str, scraped: str) -> None:
    """``query`` fails where Prometheus refuses one."""
    answered = query(scraped, QUERIES[place])
    assert bool(answered) is (place not in NOTHING_THERE), NOTHING_THERE.get(place)
