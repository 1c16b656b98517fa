"""Progress of a run, as events that the command line shows in its own way."""

import time
from collections.abc import Mapping
from typing import Any

from aegis_pipeline.events import Event
from aegis_pipeline.logs import EventLine, event_log

LOGGER_NAME = "aegis_pipeline.progress"
_SECONDS_BETWEEN = 2.0
_log = event_log(LOGGER_NAME)


def report(phase: str, count: int, seconds: float) -> None:
    """Say that a phase is done: ``count`` of what it makes, and its time in seconds."""
    _log.info(Event.PHASE_END, phase=phase, count=count, seconds=round(seconds, 3))


def report_epoch(network: str, figures: Mapping[str, float]) -> None:
    """Say how well ``network`` does after an epoch of its training."""
    _log.info(Event.TRAINING_EPOCH, network=network, figures=dict(figures))


def sentence(line: EventLine) -> str:
    """What the command line shows of an event of this module."""
    fields: Any = line.fields
    match line.event:
        case Event.PHASE_END:
            return f"{fields['phase']}: {fields['count']} in {fields['seconds']:.1f} s"
        case Event.PHASE_PROGRESS:
            return f"{fields['phase']}: {fields['done']} of {fields['total']} {fields['things']}"
        case _:
            figures = ", ".join(f"{name} {value:g}" for name, value in fields["figures"].items())
            return f"{fields['network']}: {figures}"


class Laps:
    """The time of phases that follow one another, each reported when it ends."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def end(self, phase: str, found: int) -> None:
        """``phase`` began when the one before it ended, and made ``found``."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.seconds[phase], self.cpu_seconds[phase] = wall - self._wall, cpu - self._cpu
        self._wall, self._cpu = wall, cpu
        report(phase, found, self.seconds[phase])


class Ticker:
    """Says how far a phase is while it runs, every two seconds at most."""

    def __init__(self, phase: str, things: str) -> None:
        self._phase, self._things = phase, things
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` things."""
        if time.monotonic() - self._last >= _SECONDS_BETWEEN:
            self._last = time.monotonic()
            _log.info(Event.PHASE_PROGRESS, phase=self._phase, done=done, total=total, things=self._things)
