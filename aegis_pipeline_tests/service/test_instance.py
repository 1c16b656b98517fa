"""The instance of a service: its configuration, an older database brought up to date, and what is kept of the past."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg
import psycopg2
import pytest
import yaml

from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.defs.retention import expired_runs, purge
from aegis_pipeline.monitoring.state import MetricState
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.servers.addresses import PostgresServer
from aegis_pipeline_tests.servers.process import ServerProcess
from aegis_pipeline_tests.service.manual import REPOSITORY
from aegis_pipeline_tests.service.processes import environment_in, run

OWN = {"storage", "compute_logs", "retention"}
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def configuration(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))
    return loaded


def test_both_instances_differ_in_their_storage_only() -> None:
    service, embedded = configuration("deploy/dagster.yaml"), configuration("dagster.yaml")
    assert set(service) - set(embedded) == OWN
    assert {name: service[name] for name in embedded} == embedded


def test_the_configuration_of_a_service_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.chdir(REPOSITORY)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    prepare_home(Settings())
    assert (tmp_path / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


@pytest.mark.dagster
@pytest.mark.postgres
@pytest.mark.slow
def test_a_database_of_an_older_dagster_is_brought_up_to_date(
    tmp_path: Path, own_postgres: ServerProcess[PostgresServer]
) -> None:
    server = own_postgres.address
    environment = environment_in(tmp_path, server, "older")
    run("prepare", environment)
    run("migrate", environment)
    connection = psycopg2.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, dbname="older"
    )
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        newest = version(cursor)
        # As Dagster 1.9 left it, before its revision 048.
        cursor.execute("ALTER TABLE concurrency_limits DROP COLUMN using_default_limit")
        cursor.execute("UPDATE alembic_version SET version_num = '6b7fb194ff9c'")
        run("migrate", environment)
        assert version(cursor) == newest
        cursor.execute("SELECT using_default_limit FROM concurrency_limits")


def version(cursor: Any) -> str:
    cursor.execute("SELECT version_num FROM alembic_version")
    ((found,),) = cursor.fetchall()
    return str(found)


def record(run_id: str, days: int, status: dg.DagsterRunStatus, batch: str = "a") -> dg.RunRecord:
    """A run of a batch that ended ``days`` before now."""
    ended = NOW - timedelta(days=days)
    made = dg.DagsterRun("process_batch", run_id=run_id, status=status, tags={"dagster/partition": batch})
    return dg.RunRecord(0, made, ended, ended, ended.timestamp(), ended.timestamp())


def test_old_runs_go_but_for_those_that_a_batch_is_shown_by() -> None:
    success, failure = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
    runs = [
        record("now", 0, success, "other"),
        record("newest", 100, failure),
        record("failed before", 110, failure),
        record("newest good", 120, success),
        record("older", 130, success),
        record("only", 200, success, "third"),
        record("young", 80, success, "other"),
        record("old of other", 100, failure, "other"),
    ]
    assert expired_runs(runs, NOW - timedelta(days=90)) == ["failed before", "older", "old of other"]


def test_a_run_that_goes_takes_its_events_and_output_along(tmp_path: Path) -> None:
    @dg.job
    def any_job() -> None:
        pass

    metrics = MetricState(tmp_path / "metrics.sqlite")
    with dg.DagsterInstance.ephemeral() as instance:
        first, second = (any_job.execute_in_process(instance=instance).run_id for _ in range(2))
        later = datetime.now(UTC) + timedelta(days=91)
        with mock.patch("aegis_pipeline.defs.retention.datetime", now=lambda _: later):
            assert purge(instance, 90, metrics) == 1
            assert purge(instance, 90, metrics) == 0
        assert instance.get_run_by_id(first) is None
        assert instance.all_logs(first) == []
        assert instance.get_run_by_id(second) is not None
