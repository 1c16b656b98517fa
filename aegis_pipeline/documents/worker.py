"""The parse child: ``python -m aegis_pipeline.documents.worker LIMITS`` reads bytes on stdin and answers with texts.

It sees no path, opens no file of the user's, and may start nothing and reach no network. It must stay light: its
memory limit counts everything that it has loaded.
"""

import json
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from aegis_pipeline.documents.formats import Format
from aegis_pipeline.documents.frames import read_frame, write_frame
from aegis_pipeline.documents.parse import ParseLimits, parse
from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus

EXIT_OUT_OF_MEMORY = 86
_STATM = Path("/proc/self/statm")
_WATCH_SECONDS = 0.005
_REQUEST_BYTES_MAX = 1 << 40
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.system",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "ctypes.dlopen",
)


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    requests, answers = sys.stdin.buffer, _private_stdout()
    limits = ParseLimits(**json.loads(sys.argv[1]))
    _restrict(limits)
    _watch_memory(limits.memory_bytes)
    write_frame(answers, {"ready": os.getpid()})
    while True:
        try:
            header, data = read_frame(requests, _REQUEST_BYTES_MAX)
            _limit_processor_time(limits.seconds)
            write_frame(answers, *_answer(data, Format(header["expected"]), limits))
        except EOFError:
            return
        except MemoryError:
            os._exit(EXIT_OUT_OF_MEMORY)  # nothing more can be relied on in this process


def _answer(data: bytes, expected: Format, limits: ParseLimits) -> tuple[dict[str, Any], bytes]:
    try:
        parsed = parse(data, expected, limits)
    except DocumentError as error:
        return {"status": error.status, "error": str(error)}, b""
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile bytes is that document's status
        return {"status": DocumentStatus.MALFORMED, "error": f"the parser failed with {type(error).__name__}"}, b""
    header = {"format": parsed.format, "encoding": parsed.encoding, "note": parsed.note}
    return header, parsed.text.encode()


def _private_stdout() -> IO[bytes]:
    """Keep the answer pipe for ourselves: whatever a C library prints goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return answers


def _restrict(limits: ParseLimits) -> None:
    sys.addaudithook(_forbid)
    if sys.platform == "win32":
        return  # no resource limits there: the parent's clock is what holds
    import resource

    most = limits.memory_bytes + limits.memory_bytes // 2  # beyond what _watch_memory allows
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _watch_memory(limit: int) -> None:
    """End this process soon after its address space outgrows ``limit`` bytes.

    The kernel's limit is the second line, for what grows at one stroke: who runs into it does not always know. libxml2
    follows a null pointer, Python raises a SystemError, or asks in vain for memory until the time is over.
    """
    if not _STATM.exists():
        return  # not Linux

    def watch() -> None:
        with _STATM.open("rb", buffering=0) as sizes:
            while int(os.pread(sizes.fileno(), 64, 0).split()[0]) * page <= limit:
                time.sleep(_WATCH_SECONDS)
        os._exit(EXIT_OUT_OF_MEMORY)

    page = os.sysconf("SC_PAGE_SIZE")
    threading.Thread(target=watch, daemon=True).start()


def _forbid(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a parse child may not do {event}")


def _limit_processor_time(seconds: float) -> None:
    """The parent's clock ends a parse; this one holds where the parent itself was killed."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds) + 1, hard))


if __name__ == "__main__":
    main()
