"""Label sets that are served before a run has them."""

import pytest

from aegis_pipeline.definitions import defs
from aegis_pipeline.defs.partitions import document_batches
from aegis_pipeline.monitoring.known_labels import GATES, JOBS, PHASES, known_labels
from aegis_pipeline.monitoring.metrics import METRICS, Kind, Metric


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_counter_begins_at_zero(metric: Metric) -> None:
    found = known_labels(metric)
    assert bool(found) is (metric.kind is not Kind.GAUGE)
    assert {len(labels) for labels in found} <= {len(metric.labels)}
    assert len(set(found)) == len(found)


def test_they_name_what_dagster_has() -> None:
    repository = defs.get_repository_def()
    assert {job for job in repository.job_names if not job.startswith("__")} == set(JOBS)
    assert {key.name for key in repository.asset_graph.asset_check_keys} == set(GATES)
    graph = repository.asset_graph
    in_a_batch = [key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def == document_batches]
    assert PHASES.keys() == {key.to_user_string() for key in in_a_batch}
