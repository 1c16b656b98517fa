"""Every asset, dependency, partition, pool, gate, job, sensor and schedule is what ``definitions.json`` says."""

import json

import pytest

from aegis_pipeline.definitions import defs
from aegis_pipeline_tests.defs.snapshot import FILE, as_text, described

pytestmark = pytest.mark.dagster


def test_snapshot_of_the_definitions() -> None:
    """A change that was not meant to change these shows here."""
    found = json.loads(as_text(described(defs)))
    assert found == json.loads(FILE.read_text(encoding="utf-8")), (
        "What Dagster loads is not what definitions.json says. If that was meant: "
        "python -m aegis_pipeline_tests.defs.snapshot"
    )
