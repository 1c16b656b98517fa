"""Progress of a run, as log records that the command line shows and that Dagster keeps in its event log."""

import logging

LOGGER = logging.getLogger("aegis_pipeline.progress")


def report(phase: str, count: int, seconds: float | None = None) -> None:
    """Say how far a phase is: ``count`` of what it makes, and its time in seconds once it is done."""
    LOGGER.info("%s: %d%s", phase, count, "" if seconds is None else f" in {seconds:.1f} s")
