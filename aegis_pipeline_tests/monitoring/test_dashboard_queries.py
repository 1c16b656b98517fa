"""Every query of the dashboard and of the alerts, on a real Prometheus that scraped while batches ran."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from aegis_pipeline.models.gpu_cards import gpu_memory
from aegis_pipeline_tests.deploy.dashboard import queries
from aegis_pipeline_tests.monitoring.conftest import RUNS, Watched, home_at, scraping, serving
from aegis_pipeline_tests.monitoring.expected import EXPECTED, OF_THE_MACHINE
from aegis_pipeline_tests.monitoring.test_prometheus import query

pytestmark = [pytest.mark.dagster, pytest.mark.slow]

QUERIES = queries()
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Scraped:
    """A Prometheus, the home whose monitor it scrapes, and the time of a scrape that all runs came before."""

    prometheus: str
    world: Watched
    at: float

    def answer(self, place: str) -> dict[tuple[str, ...], float]:
        """At the very time of a scrape, Prometheus has nothing to guess beyond it. What is undefined is left out."""
        found = query(self.prometheus, QUERIES[place], self.at)
        return {labels: value for labels, value in found.items() if not math.isnan(value)}


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """One good batch, one that is read in a lesser way, and one that a gate stops, each seen by a scrape of its own."""
    with (
        home_at(tmp_path_factory.mktemp("scraped")) as home,
        serving(home.watched) as service,
        scraping(service) as prometheus,
    ):
        for count, name in enumerate(RUNS, start=1):
            home.run(name)
            at = time_of_scrape(prometheus, f"sum(aegis_runs_total) == {count}")
        yield Scraped(prometheus, home.watched, at)


def time_of_scrape(prometheus: str, condition: str) -> float:
    """The time of a scrape at which the condition held, in seconds since 1970."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    # In one query: between two of them, a scrape may fail.
    while not (found := query(prometheus, f"timestamp(aegis_monitor_update_seconds) and on() ({condition})")):
        assert time.monotonic() < deadline, condition
        time.sleep(0.2)
    (at,) = found.values()
    return at


@pytest.mark.parametrize("place", sorted(QUERIES.keys() - OF_THE_MACHINE))
def test_query_answers_what_the_lake_has(place: str, scraped: Scraped) -> None:
    expected = EXPECTED[place](scraped.world, scraped.at)
    # A run's end stands in its events and in its record, written one after the other.
    tolerance = {"Since the last success A": 1, "Last success of each batch A": 1000}.get(place, 1e-9)
    assert scraped.answer(place) == pytest.approx(expected, rel=1e-6, abs=tolerance)


def test_what_no_lake_can_tell_is_answered_too(scraped: Scraped) -> None:
    (seconds,) = scraped.answer("Monitor's update A").values()
    assert 0 < seconds < _PATIENCE_SECONDS
    assert scraped.answer("GPU memory A").keys() == {(device,) for device in gpu_memory()}
    assert bool(scraped.answer("GPU memory of each phase A")) == torch.cuda.is_available()
    assert scraped.answer("AegisGpuMemory").keys() <= scraped.answer("GPU memory A").keys()
