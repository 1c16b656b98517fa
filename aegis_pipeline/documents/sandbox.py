"""Parsing in child processes with limits on time and memory, so that one document can harm no other.

On Linux the kernel holds all limits, and before it the child the one on memory. macOS holds those on time, but its
kernel does not enforce the one on memory. Windows has no resource limits: the wall clock is what holds there.
"""

import contextlib
import dataclasses
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from aegis_pipeline.documents.formats import Format
from aegis_pipeline.documents.frames import FrameError, read_frame, write_frame
from aegis_pipeline.documents.parse import Parsed, ParseLimits
from aegis_pipeline.documents.worker import EXIT_OUT_OF_MEMORY
from aegis_pipeline.errors import DocumentError, TerminalError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.records import DocumentStatus

_log = event_log(__name__)
_START_SECONDS = 60.0
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_KEPT_VARIABLES = ("SYSTEMROOT", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class ParsePool:
    """Up to ``size`` parse children that live on from document to document; thread-safe. Close it, or use ``with``."""

    def __init__(self, limits: ParseLimits, size: int = 1) -> None:
        self._limits = limits
        self._idle: queue.LifoQueue[ParseProcess | None] = queue.LifoQueue()
        self._running: set[ParseProcess] = set()
        self._closed = False
        for _ in range(size):
            self._idle.put(None)

    def parse(self, data: bytes, expected: Format) -> Parsed:
        """The text of ``data``; waits while all children are busy.

        Raises:
            DocumentError: it cannot be read within the limits; ``status`` and message say why.
        """
        process = self._idle.get()
        try:
            if process is not None and not self._closed:
                try:
                    return process.parse(data, expected)
                except ProcessLostError as lost:
                    if lost.status is DocumentStatus.TIMED_OUT:
                        raise
                    # Nothing that earlier documents left behind in the child may decide: once more in a fresh one.
                    _log.info(Event.PARSE_CHILD_ENDED, status=lost.status.value)
                    self._discard(process)
                    process = None
            process = self._start()
            return process.parse(data, expected)
        except ProcessLostError:
            self._discard(process)
            process = None
            raise
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End all children, busy ones too."""
        self._closed = True
        for process in tuple(self._running):
            self._discard(process)

    def _start(self) -> "ParseProcess":
        if self._closed:
            raise TerminalError("the parse pool is closed; make a new one")
        process = ParseProcess(self._limits)
        self._running.add(process)
        return process

    def _discard(self, process: "ParseProcess | None") -> None:
        if process is not None:
            self._running.discard(process)
            process.kill()

    def __enter__(self) -> "ParsePool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class ProcessLostError(DocumentError):
    """The child ended over a document: by a limit, or because its parser crashed."""


class ParseProcess:
    """One parse child."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._answer_bytes_max = 4 * limits.characters + 1_000_000
        self._process = _spawn(limits)
        try:
            self._exchange(None, _START_SECONDS)
        except ProcessLostError:
            self.kill()
            raise TerminalError(
                f"the parse child does not start (exit code {self._process.returncode}); see why with: "
                f"{sys.executable} -m aegis_pipeline.documents.worker"
            ) from None

    def parse(self, data: bytes, expected: Format) -> Parsed:
        """The text of ``data``.

        Raises:
            ProcessLostError: the child is gone; this object is of no more use.
            DocumentError: the document cannot be read.
        """
        header, payload = self._exchange(({"expected": expected}, data), self._limits.seconds)
        if "status" in header:
            raise DocumentError(DocumentStatus(header["status"]), header["error"])
        return Parsed(payload.decode(), header["format"], header["encoding"], header["note"])

    def kill(self) -> None:
        """End the child, and whatever it may have started, at once."""
        _kill_group(self._process)
        self._process.wait()
        for stream in filter(None, (self._process.stdin, self._process.stdout)):
            _close(stream)

    def _exchange(self, request: tuple[dict[str, Any], bytes] | None, seconds: float) -> tuple[dict[str, Any], bytes]:
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        late = threading.Event()
        clock = threading.Timer(seconds, self._end_late, [late])
        clock.start()
        try:
            if request:
                write_frame(self._process.stdin, *request)
            return read_frame(self._process.stdout, self._answer_bytes_max)
        except FrameError:
            raise ProcessLostError(DocumentStatus.MALFORMED, "the parser was led to a wrong answer") from None
        except (OSError, EOFError):
            exit_code = self._process.wait()  # the clock still runs
            raise self._lost(late.is_set(), exit_code) from None
        finally:
            clock.cancel()

    def _end_late(self, late: threading.Event) -> None:
        late.set()
        _kill_group(self._process)

    def _lost(self, late: bool, exit_code: int) -> ProcessLostError:
        if late or exit_code == -getattr(signal, "SIGXCPU", 24):
            return ProcessLostError(
                DocumentStatus.TIMED_OUT,
                f"not parsed within {self._limits.seconds:g} s; split it or raise PARSE_TIMEOUT_SECONDS",
            )
        # PDFium aborts where it gets no more memory; SIGKILL that is not ours comes from the system, short of memory.
        if exit_code in (EXIT_OUT_OF_MEMORY, -signal.SIGABRT, -9):
            return ProcessLostError(
                DocumentStatus.OUT_OF_MEMORY,
                f"needs more than {self._limits.memory_bytes:,} bytes; split it or raise PARSE_MEMORY_BYTES",
            )
        return ProcessLostError(DocumentStatus.MALFORMED, f"the parser crashed (exit code {exit_code})")


def _spawn(limits: ParseLimits) -> subprocess.Popen[bytes]:
    """A child with none of our environment (it may hold secrets), and in no folder of the user's."""
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, and numbers
        [sys.executable, "-P", "-m", "aegis_pipeline.documents.worker", json.dumps(dataclasses.asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(sys.executable).anchor,
        env={**environment, "PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONUTF8": "1"},
        start_new_session=True,
    )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _close(stream: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # what was still to be written has no reader any more
        stream.close()
