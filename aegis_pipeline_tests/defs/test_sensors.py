"""The sensor as the daemon asks it: ticks, their runs, and a graph that follows the inbox."""

import importlib
import shutil
from pathlib import Path

import dagster as dg
import pytest

from aegis_pipeline import definitions
from aegis_pipeline.defs.partitions import BATCH_TAG, batch_key, document_batches
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.defs.sensors import new_document_batches
from aegis_pipeline.graph.archive import read_corpus
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import CORRELATION_TAG
from aegis_pipeline.settings import settings

pytestmark = pytest.mark.dagster

FERRANTI = "Sebastian de Ferranti founded Ferranti in 1885. The company was based in Manchester."
WILKES = "Maurice Wilkes was born in Dudley. Wilkes studied at the University of Cambridge."


class Daemon:
    """Ticks of the sensor with the cursor of the last; runs are started here, one for each new run key."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        settings.cache_clear()
        self.defs = importlib.reload(definitions).defs  # its resources have the settings of this moment
        self.instance, self.cursor = instance, ""
        self.keys: set[str] = set()

    def tick(self, cursor: str | None = None) -> list[dg.RunRequest]:
        with dg.SensorEvaluationContext(
            self.instance.get_ref(),
            last_tick_completion_time=None,
            last_run_key=None,
            cursor=self.cursor if cursor is None else cursor,
            repository_name=None,
            repository_def=self.defs.get_repository_def(),
            resources=resources(settings()),
        ) as context:
            data = self.defs.resolve_sensor_def("new_document_batches").evaluate_tick(context)
        for request in data.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions(request.partitions_def_name, request.partition_keys)
        self.cursor, self.skipped = data.cursor or self.cursor, data.skip_message
        return [request for request in data.run_requests or () if request.run_key not in self.keys]

    def run(self, requests: list[dg.RunRequest]) -> None:
        for request in requests:
            result = self.defs.resolve_job_def(str(request.job_name)).execute_in_process(
                instance=self.instance, partition_key=request.partition_key, run_config=request.run_config
            )
            assert result.success
            self.keys.add(str(request.run_key))

    @property
    def partitions(self) -> set[str]:
        return set(self.instance.get_dynamic_partitions(str(document_batches.name)))


def drop(inbox: Path, name: str, text: str) -> None:
    (inbox / name).parent.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_text(text, encoding="utf-8")


def in_graph(home: Path) -> dict[str, set[str]]:
    """Batch → paths of its documents in the graph."""
    generations = Generations(home / "graph")
    corpus = read_corpus(generations.folder(str(generations.current)))
    return {batch: {document.path for document in own.documents} for batch, own in corpus.batches.items()}


def test_the_sensor_is_on_and_says_what_it_waits_for(home: Path) -> None:
    with dg.instance_for_test() as instance:
        daemon = Daemon(instance)
        assert daemon.tick() == []
        assert str(home / "inbox") in str(daemon.skipped)
        assert "AEGIS_INBOX" in str(daemon.skipped)
        drop(home / "inbox", "a/1.txt", "text")
        assert daemon.tick() == []
        assert "1 folder(s)" in str(daemon.skipped)
    assert new_document_batches.default_status is dg.DefaultSensorStatus.RUNNING


def test_a_request_names_partition_folder_and_correlation(home: Path) -> None:
    inbox = home / "inbox"
    drop(inbox, "a b/1.txt", "text")
    with dg.instance_for_test() as instance:
        daemon = Daemon(instance)
        daemon.tick()
        before = daemon.cursor
        (request,) = daemon.tick()
        assert daemon.partitions == {batch_key(inbox / "a b")} == {request.partition_key}
        assert daemon.tick(before) == [request]
        daemon.keys.add(str(request.run_key))
        assert daemon.tick(before) == []
    assert request.job_name == "process_batch"
    assert request.run_config == {"ops": {"raw_documents": {"config": {"folder": str(inbox / "a b")}}}}
    assert request.tags[BATCH_TAG] == request.partition_key
    assert len(request.tags[CORRELATION_TAG]) == 16


@pytest.mark.models
def test_the_graph_follows_the_inbox(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folders dropped, one changed, it grows to two batches, and is deleted; the other stays what it was."""
    monkeypatch.setenv("MAX_BATCH_DOCUMENTS", "2")
    inbox, lake = home / "inbox", DocumentLake(str(home / "lake"))
    kept, changed = batch_key(inbox / "kept"), batch_key(inbox / "changed")
    drop(inbox, "kept/ferranti.txt", FERRANTI)
    drop(inbox, "kept/_SUCCESS", "")
    drop(inbox, "changed/deep/wilkes.txt", WILKES)
    with dg.instance_for_test() as instance:
        daemon = Daemon(instance)
        daemon.run(daemon.tick())
        daemon.run(daemon.tick())
        assert in_graph(home) == {kept: {"ferranti.txt"}, changed: {"deep/wilkes.txt"}}
        for name in ("a", "b"):
            drop(inbox, f"changed/{name}.txt", FERRANTI)
        daemon.tick()
        daemon.run(daemon.tick())
        assert in_graph(home) == {
            kept: {"ferranti.txt"},
            changed: {"deep/wilkes.txt", "a.txt"},
            f"{changed}-s2": {"b.txt"},
        }
        assert daemon.partitions == {kept, changed, f"{changed}-s2"}
        shutil.rmtree(inbox / "changed")
        daemon.tick()
        removals = daemon.tick()
        assert {request.job_name for request in removals} == {"remove_batch"}
        daemon.run(removals)
        assert in_graph(home) == {kept: {"ferranti.txt"}}
        assert (daemon.partitions, lake.batches()) == ({kept}, [kept])
        assert not list((home / "lake").glob(f"{changed}*"))
        assert daemon.tick() == []
