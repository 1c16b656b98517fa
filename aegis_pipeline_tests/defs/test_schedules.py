"""What the schedules and the alert request and tell, tick by tick. No phase runs."""

import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import SecretStr

from aegis_pipeline import tables
from aegis_pipeline.alerting import RunFailure
from aegis_pipeline.defs import alerts
from aegis_pipeline.defs.failures import failure_of
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.defs.schedules import nightly_audit, retry_dead_letters_schedule
from aegis_pipeline.errors import InputError
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.records import DeadLetter, Outcome
from aegis_pipeline.settings import settings

pytestmark = pytest.mark.dagster

NIGHT = datetime.datetime(2026, 1, 1, 5, tzinfo=datetime.UTC)
LETTER = DeadLetter("d", "c", Outcome.UNAVAILABLE, "unreachable", "It is away.", 3, "hash", "")
_UNREAD = dg.AssetCheckSpec("documents_parse_rate", asset="raw_documents", blocking=True)


@pytest.fixture
def lake(home: Path) -> Any:
    found = document_lake(settings())
    for batch, letters in (("lost", [LETTER]), ("other", [LETTER]), ("whole", [])):
        found.bind(batch, f"/{batch}")
        found.write(batch, tables.DEAD_LETTERS, letters)
    found.bind("new", "/new")
    return found


def tick(instance: dg.DagsterInstance) -> Any:
    given = {"document_lake": resources(settings())["document_lake"]}
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=NIGHT, resources=given) as context:
        return retry_dead_letters_schedule(context)


def test_schedules_are_on_and_at_night() -> None:
    assert nightly_audit.default_status is dg.DefaultScheduleStatus.RUNNING
    assert (nightly_audit.cron_schedule, nightly_audit.job_name) == ("0 3 * * *", "audit_graph")


def test_dead_letters_are_retried_batch_by_batch(lake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELATION_BACKEND", "ollama")
    settings.cache_clear()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:  # a schedule's context takes no other
        requests = tick(instance)
        assert [request.partition_key for request in requests] == ["lost", "other"]
        assert [request.run_key for request in tick(instance)] == [request.run_key for request in requests]
        instance.add_run(
            dg.DagsterRun(
                job_name="process_batch", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "lost"}
            )
        )
        assert [request.partition_key for request in tick(instance)] == ["other"]


def test_dead_letters_are_nobodys_without_an_llm(lake: Any) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert "asks no LLM" in tick(instance).skip_message


@dg.op
def reading() -> None:
    raise InputError("The folder is gone.")


@dg.op
def quoting() -> None:
    raise ValueError("Dear Ms Lovelace, your results ...")


@dg.asset(check_specs=[_UNREAD])
def raw_documents() -> dg.MaterializeResult:  # type: ignore[type-arg] # Dagster takes it for an output
    unread = dg.AssetCheckResult(passed=False, description="0 of 9 readable documents parsed.")
    return dg.MaterializeResult(check_results=[unread])


def failed_run(instance: dg.DagsterInstance, step: dg.OpDefinition | dg.AssetsDefinition) -> dg.DagsterRun:
    if isinstance(step, dg.AssetsDefinition):
        result = dg.materialize([step], instance=instance, raise_on_error=False, tags={"aegis/batch": "letters"})
    else:
        job = dg.GraphDefinition("work", node_defs=[step]).to_job()
        result = job.execute_in_process(instance=instance, raise_on_error=False, tags={"dagster/partition": "letters"})
    return result.dagster_run


@pytest.mark.parametrize(
    ("step", "failed", "error"),
    [
        (reading, "reading", "InputError: The folder is gone."),
        (quoting, "quoting", "ValueError"),
        (raw_documents, "documents_parse_rate", "0 of 9 readable documents parsed."),
    ],
)
def test_alert_names_what_stopped_the_run_and_quotes_no_document(step: Any, failed: str, error: str) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = failed_run(instance, step)
        told = failure_of(run, instance, "…", "http://dagster.example/")
    assert (told.batch, told.failed, told.error) == ("letters", failed, error)
    assert told.link == f"http://dagster.example/runs/{run.run_id}"


def test_alert_of_a_lost_process_says_what_dagster_says() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        told = failure_of(dg.DagsterRun(job_name="work"), instance, "Its process is gone.", None)
    assert (told.batch, told.failed, told.error, told.link) == (None, None, "Its process is gone.", None)


def test_alert_is_sent_by_the_sensor_where_a_webhook_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[SecretStr, RunFailure]] = []
    monkeypatch.setattr(alerts, "tell", lambda *given: sent.append(given))
    with dg.DagsterInstance.ephemeral() as instance:
        result = (
            dg.GraphDefinition("work", node_defs=[reading])
            .to_job()
            .execute_in_process(instance=instance, raise_on_error=False)
        )
        context = dg.build_run_status_sensor_context(
            "run_failure_alert", result.get_run_failure_event(), instance, result.dagster_run
        ).for_run_failure()
        monkeypatch.setattr(alerts, "settings", lambda: settings().model_copy(update={"alert_webhook_url": None}))
        assert "ALERT_WEBHOOK_URL is not set" in alerts.run_failure_alert(context).skip_message
        given = {"alert_webhook_url": SecretStr("http://hook")}
        monkeypatch.setattr(alerts, "settings", lambda: settings().model_copy(update=given))
        alerts.run_failure_alert(context)
    assert [failure.run_id for _, failure in sent] == [result.dagster_run.run_id]
