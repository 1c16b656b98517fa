"""A server lives no longer than the process that wants it: ``python guard.py OWNER SIGNAL USER HOME KEPT COMMAND…``.

Runs COMMAND, as USER where that is not empty, until it ends, this process gets SIGTERM, or the process OWNER is gone;
then COMMAND gets SIGNAL. A test run that is killed thus leaves no server behind, nor the folder HOME unless KEPT says
``kept``.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

_POLL_SECONDS = 0.2


def lives(pid: int) -> bool:
    """Whether there is a process ``pid``."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_as(user: str | None) -> dict[str, Any]:
    """The arguments of ``subprocess`` that run something as ``user``."""
    if not user:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def main(owner: int, stop_signal: int, user: str, home: Path, kept: bool, command: list[str]) -> None:
    """Run ``command`` for as long as it is wanted."""
    wanted = True

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal wanted
        wanted = False

    signal.signal(signal.SIGTERM, stop)
    server = subprocess.Popen(command, process_group=0, **run_as(user))
    (home / "server.pid").write_text(str(server.pid))
    while server.poll() is None and wanted and lives(owner):
        time.sleep(_POLL_SECONDS)
    if server.poll() is None:
        server.send_signal(stop_signal)
    server.wait()
    with suppress(ProcessLookupError):  # what a killed server has started outlives it: Ollama's runners do
        os.killpg(server.pid, signal.SIGKILL)
    if not kept and not lives(owner):
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), sys.argv[5] == "kept", sys.argv[6:])
