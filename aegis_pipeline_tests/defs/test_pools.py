"""Pools and killed runs: what takes a slot, who gives it back when its process is gone, and what is run again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import RunFailureReason
from dagster._core.execution.retries import auto_reexecution_should_retry_run
from dagster._core.launcher import WorkerStatus

from aegis_pipeline.defs import assets, checks, legacy
from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.defs.launcher import WatchedRunLauncher
from aegis_pipeline.defs.pools import GPU, GRAPH_WRITER, LEGACY_GRAPH_WRITER
from aegis_pipeline.defs.run_locks import end_killed_runs, holding_run_lock, lock_folder, was_killed
from aegis_pipeline.settings import settings

pytestmark = pytest.mark.dagster

# A run whose only step takes the slot of a pool, and then is killed or waits for its standard input to end.
_RUN = """
import os, signal, sys
import dagster as dg
from aegis_pipeline.defs.resources import DocumentLakeResource

@dg.op(pool="gpu")
def compute(document_lake: DocumentLakeResource):
    print("computing", flush=True)
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)

@dg.job(executor_def=dg.in_process_executor)
def computing():
    compute()

with dg.DagsterInstance.get() as instance:
    lake = DocumentLakeResource(root="unused")
    computing.execute_in_process(instance=instance, run_id=sys.argv[1], resources={"document_lake": lake})
"""
RUN_ID = "7d3f0c5e-0c39-4d5c-9a51-3a0b4f7f2a10"


@pytest.fixture
def instance(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of ``home``, by our dagster.yaml."""
    monkeypatch.chdir(tmp_path)
    prepare_home(settings())
    with dg.DagsterInstance.get() as opened:
        yield opened


def test_pools_of_what_computes_and_of_what_writes() -> None:
    found = {
        definition.node_def.name: definition.node_def.pool
        for definition in (*dg.load_assets_from_modules([assets, legacy]), checks.graph_counts_match)
        if isinstance(definition, dg.AssetsDefinition)
    }
    assert found == {
        "raw_documents": None,
        "ner_entities": GPU,
        "deduplicated_entities": GPU,
        "relations": GPU,
        "knowledge_graph": GRAPH_WRITER,
        "legacy_graph": LEGACY_GRAPH_WRITER,
        "knowledge_graph_graph_counts_match": GRAPH_WRITER,
    }


def test_instance_has_one_slot_a_pool_and_runs_again_only_what_was_lost(instance: dg.DagsterInstance) -> None:
    pools = instance.get_concurrency_config().pool_config
    assert (pools.default_pool_limit, pools.pool_granularity) == (1, dg._core.instance.config.PoolGranularity.OP)
    assert isinstance(instance.run_launcher, WatchedRunLauncher)
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] > 0
    failed = instance.create_run_for_job(_job(), status=dg.DagsterRunStatus.FAILURE)
    assert auto_reexecution_should_retry_run(instance, failed, RunFailureReason.UNKNOWN)
    assert not auto_reexecution_should_retry_run(instance, failed, RunFailureReason.STEP_FAILURE)


def _job() -> dg.JobDefinition:
    @dg.job
    def nothing() -> None:
        pass

    return nothing


def test_run_lock_is_there_as_long_as_its_process(tmp_path: Path) -> None:
    assert not was_killed(tmp_path, "run")
    with holding_run_lock(tmp_path, "run"):
        assert (tmp_path / "run.lock").exists()
        assert not was_killed(tmp_path, "run")
    assert not (tmp_path / "run.lock").exists()
    (tmp_path / "run.lock").touch()
    assert was_killed(tmp_path, "run")


def test_killed_run_is_ended_and_gives_back_its_slot(home: Path, instance: dg.DagsterInstance) -> None:
    """Before it is killed, nobody takes it for dead; after it, the launcher knows, and the next command ends it."""
    folder, launcher = lock_folder(settings()), WatchedRunLauncher()
    command = [sys.executable, "-c", _RUN, RUN_ID]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"computing\n"
        run = instance.get_run_by_id(RUN_ID)
        assert run is not None
        assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
        assert end_killed_runs(instance, folder) == []
        child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert _status(instance) is dg.DagsterRunStatus.STARTED
    assert _taken(instance) == 1
    assert launcher.check_run_worker_health(run).status is WorkerStatus.FAILED
    assert end_killed_runs(instance, folder) == [RUN_ID]
    assert _status(instance) is dg.DagsterRunStatus.FAILURE
    assert _taken(instance) == 0
    assert end_killed_runs(instance, folder) == []
    assert list(folder.iterdir()) == []


def test_locks_of_other_instances_are_left_alone(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / f"{RUN_ID}.lock").touch()
    assert end_killed_runs(instance, tmp_path) == []
    assert (tmp_path / f"{RUN_ID}.lock").exists()


def _status(instance: dg.DagsterInstance) -> dg.DagsterRunStatus | None:
    run = instance.get_run_by_id(RUN_ID)
    return run.status if run else None


def _taken(instance: dg.DagsterInstance) -> int:
    return int(instance.event_log_storage.get_concurrency_info(GPU).active_slot_count)
