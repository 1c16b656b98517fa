"""Parse children: limits on time and memory, replaced when lost, and light."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aegis_pipeline.documents import read_folder, sandbox
from aegis_pipeline.documents.formats import Format
from aegis_pipeline.documents.parse import ParseLimits
from aegis_pipeline.documents.sandbox import ParsePool
from aegis_pipeline.errors import DocumentError, TerminalError
from aegis_pipeline.records import DocumentStatus
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.documents import hostile

LIMITS = ParseLimits(seconds=60, memory_bytes=200_000_000, characters=5_000_000, pages=2_000)
HUNGRY = {
    "python": (Format.DOCX, lambda: hostile.docx_with(hostile.body(hostile.paragraph(b"word ") * 1_000_000))),
    "libxml2": (Format.HTML, lambda: b"<p>a<b>b</b>" * 1_500_000),
    "pdfium": (Format.PDF, lambda: hostile.stream_pdf(bytes(150_000_000))),
}


@pytest.mark.parametrize("parser", HUNGRY)
def test_parse_beyond_the_memory_limit_is_out_of_memory(parser: str) -> None:
    expected, make = HUNGRY[parser]
    with ParsePool(LIMITS) as pool:
        with pytest.raises(DocumentError, match="needs more than 200,000,000 bytes") as error:
            pool.parse(make(), expected)
        assert error.value.status is DocumentStatus.OUT_OF_MEMORY
        assert pool.parse(hostile.ENGLISH.encode(), Format.TXT).text == hostile.ENGLISH


def test_parser_that_crashes_far_below_the_memory_limit_is_malformed() -> None:
    with ParsePool(LIMITS) as pool:
        child = pool._start()
        os.kill(child._process.pid, signal.SIGSEGV)
        with pytest.raises(DocumentError, match="the parser crashed") as error:
            child.parse(b"text", Format.TXT)
    assert error.value.status is DocumentStatus.MALFORMED


def test_read_folder_beyond_the_time_limit_is_timed_out(tmp_path: Path) -> None:
    (tmp_path / "slow.md").write_bytes(b"*a _b " * 300_000)
    (tmp_path / "good.txt").write_text(hostile.ENGLISH)
    settings = Settings(_env_file=None, parse_timeout_seconds=1)
    good, slow = read_folder(tmp_path, settings).manifest
    assert good.status is DocumentStatus.PARSED
    assert slow.status is DocumentStatus.TIMED_OUT
    assert slow.error == "not parsed within 1 s; split it or raise PARSE_TIMEOUT_SECONDS"


def test_pool_replaces_a_child_that_was_killed_and_tries_its_document_again() -> None:
    with ParsePool(LIMITS) as pool:
        pool.parse(b"first", Format.TXT)
        (child,) = pool._running
        os.kill(child._process.pid, signal.SIGKILL)
        assert pool.parse(b"second", Format.TXT).text == "second"
        (replacement,) = pool._running
        assert replacement is not child


def test_pool_keeps_its_child_over_documents_that_cannot_be_read() -> None:
    with ParsePool(LIMITS) as pool:
        pool.parse(b"first", Format.TXT)
        children = set(pool._running)
        with pytest.raises(DocumentError):
            pool.parse(b"\0", Format.TXT)
        pool.parse(b"third", Format.TXT)
        assert pool._running == children


def test_pool_leaves_no_child_behind() -> None:
    with ParsePool(LIMITS) as pool:
        pool.parse(b"text", Format.TXT)
        (child,) = pool._running
    assert child._process.returncode is not None
    with pytest.raises(TerminalError, match="closed"):
        pool.parse(b"text", Format.TXT)


def test_pool_says_when_no_child_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_PACKAGE_ROOT", "/nowhere")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with ParsePool(LIMITS) as pool, pytest.raises(TerminalError, match="does not start"):
        pool.parse(b"text", Format.TXT)


def test_child_is_light_and_may_start_and_reach_nothing() -> None:
    script = """
import sys
from aegis_pipeline.documents import worker
heavy = {"pydantic", "torch", "spacy", "dagster", "lightrag", "numpy", "transformers"} & set(sys.modules)
assert not heavy, heavy
worker._restrict(worker.ParseLimits(1, 500_000_000, 1, 1))
import os, socket, subprocess
for forbidden in (lambda: subprocess.run(["true"]), lambda: os.system("true"), lambda: os.fork(),
                  lambda: socket.create_connection(("192.0.2.1", 80))):
    try:
        forbidden()
    except PermissionError:
        continue
    raise SystemExit("was allowed")
try:
    open("written", "w").write("x" * 100_000)
except OSError:
    raise SystemExit(0)
raise SystemExit("could write")
"""
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, cwd="/tmp")
    assert ended.returncode in (0, -signal.SIGXFSZ), ended.stderr
