"""Progress of a run, as log records that the command line shows."""

import logging
import time

LOGGER = logging.getLogger("aegis_pipeline.progress")
_SECONDS_BETWEEN = 2.0


def report(phase: str, count: int, seconds: float | None = None) -> None:
    """Say that a phase is done: ``count`` of what it makes, and its time in seconds."""
    LOGGER.info("%s: %d%s", phase, count, "" if seconds is None else f" in {seconds:.1f} s")


class Ticker:
    """Says how far a phase is while it runs, every two seconds at most."""

    def __init__(self, phase: str, things: str) -> None:
        self._phase, self._things = phase, things
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` things."""
        if time.monotonic() - self._last >= _SECONDS_BETWEEN:
            self._last = time.monotonic()
            LOGGER.info("%s: %d of %d %s", self._phase, done, total, self._things)
