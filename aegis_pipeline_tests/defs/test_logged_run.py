"""A run followed in its log: one id in every line, no text of a document in any, and its failures told without it."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from aegis_pipeline.defs import assets
from aegis_pipeline.defs.launch import batches_of_folder, run_batch
from aegis_pipeline.defs.logged import gate
from aegis_pipeline.defs.partitions import document_batches
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.errors import InputError
from aegis_pipeline.logs import CORRELATION_TAG, configure_logs
from aegis_pipeline.progress import LOGGER_NAME
from aegis_pipeline.settings import LogFormat, LogLevel, settings

pytestmark = pytest.mark.dagster
Lines = Callable[[], list[dict[str, Any]]]
MARKER = "Zanzibarquist"


@pytest.fixture
def lines(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What the log says, all of it; as it was afterwards."""
    monkeypatch.setenv("LOG_FORMAT", LogFormat.JSON.value)
    monkeypatch.setenv("LOG_LEVEL", LogLevel.DEBUG.value)
    # a command that another test ran may have left its own way of showing progress
    monkeypatch.setattr(logging.getLogger(LOGGER_NAME), "handlers", [])
    settings.cache_clear()
    configure_logs(settings())
    yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    monkeypatch.undo()
    settings.cache_clear()
    configure_logs(settings())
    logging.getLogger("aegis_pipeline").setLevel(logging.NOTSET)


@pytest.mark.models
def test_every_line_of_a_run_has_its_id_and_none_a_word_of_a_document(lines: Lines, folder: Path) -> None:
    text = f"{MARKER} Ltd was founded in London by Ada {MARKER}. She worked for Ferranti. "
    (folder / "marked.txt").write_text(text * 3, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 " + MARKER.encode())
    configured = settings()
    (batch,) = batches_of_folder(folder, configured).present
    lines()
    summary = run_batch(batch, folder, configured)
    found = lines()
    assert summary.success
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(summary.run_id)
    assert run is not None
    assert run.tags[CORRELATION_TAG] == summary.correlation_id
    assert MARKER not in json.dumps(found)
    assert {(line["correlation_id"], line["batch"]) for line in found} == {(summary.correlation_id, batch)}
    (read,) = [line for line in found if line["event"] == "document_read" and line["path"] == "marked.txt"]
    way = [line["event"] for line in found if line.get("document_id") == read["document_id"]]
    assert way == ["document_read", "extraction_start", "mentions_extracted", "relations_extracted", "document_written"]
    assert all("phase" in line for line in found if not line["event"].startswith("batch_"))
    gates = [line["gate"] for line in found if line["event"] in ("gate_passed", "gate_warned")]
    assert sorted(gates) == sorted(each.name for each in summary.gates)


def raise_in_reading(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(assets, "read_folder", fail)


@pytest.mark.parametrize(
    ("error", "told"), [(InputError("a message of ours"), "a message of ours"), (KeyError(MARKER), "")]
)
def test_a_failed_phase_is_critical_and_quotes_only_our_own_errors(
    error: Exception, told: str, lines: Lines, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_in_reading(error, monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(document_batches.name), ["b"])
        dg.materialize(
            [assets.raw_documents],
            instance=instance,
            partition_key="b",
            resources=resources(settings()),
            run_config={
                "ops": {"raw_documents": {"config": {"folder": str(folder)}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            tags={CORRELATION_TAG: "from-the-sensor"},
            raise_on_error=False,
        )
    started, failed = lines()
    assert (started["event"], failed["event"], failed["level"]) == ("phase_start", "phase_failed", "critical")
    assert (failed["error_type"], failed["error"], failed["phase"]) == (type(error).__name__, told, "documents")
    assert started["correlation_id"] == failed["correlation_id"] == "from-the-sensor"


@pytest.mark.parametrize(
    ("passed", "severity", "event", "level"),
    [
        (True, dg.AssetCheckSeverity.ERROR, "gate_passed", "info"),
        (False, dg.AssetCheckSeverity.WARN, "gate_warned", "warning"),
        (False, dg.AssetCheckSeverity.ERROR, "gate_failed", "critical"),
    ],
)
def test_a_gate_is_told_with_its_figures_and_none_of_its_texts(
    passed: bool, severity: dg.AssetCheckSeverity, event: str, level: str, lines: Lines
) -> None:
    @gate
    def some_gate(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=passed, severity=severity, metadata={"rate": 0.5, "names": MARKER, "n": 3})

    run = SimpleNamespace(tags={}, run_id="the-run")
    some_gate(SimpleNamespace(run=run, has_partition_key=True, partition_key="b"))  # type: ignore[arg-type]
    (line,) = lines()
    assert (line["event"], line["level"], line["gate"]) == (event, level, "some_gate")
    assert line["evidence"] == {"rate": 0.5, "n": 3}
    assert line["correlation_id"] == "the-run"
