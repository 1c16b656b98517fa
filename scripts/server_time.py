"""CPU seconds of a server and of all processes that it started: they tell less of what else the machine does."""

import os
from pathlib import Path

_PARENT, _TIMES = 1, slice(11, 15)
"""Fields after the name in /proc/PID/stat: the parent, and user and system time, its own and of children that ended."""


def cpu_seconds(pid: int) -> float:
    """So far, of the process ``pid`` and its descendants. Linux only.

    Raises:
        ProcessLookupError: there is no such process.
    """
    stats = dict(filter(None, map(_stat, Path("/proc").glob("[0-9]*"))))
    if pid not in stats:
        raise ProcessLookupError(f"no process {pid}: give the id of the running server")
    family = [pid]
    for member in family:
        family += [child for child, fields in stats.items() if int(fields[_PARENT]) == member]
    ticks = sum(int(value) for member in family for value in stats[member][_TIMES])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> tuple[int, list[str]] | None:
    """Id and fields; None where it has just ended."""
    try:
        text = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(process.name), text.rpartition(")")[2].split()
