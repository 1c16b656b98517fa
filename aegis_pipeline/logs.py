"""Structured logs: events with fields instead of sentences, as JSON or for people, each with its correlation id."""

from typing import Any

import structlog

CORRELATION_TAG = "aegis/correlation_id"
"""The tag of a Dagster run that names what its lines in the log have in common, from the sensor's tick on."""


def event_log(name: str) -> Any:
    """The log of a module. Its calls take an ``Event`` and fields: ``log.warning(Event.X, document_id=...)``."""
    return structlog.stdlib.get_logger(name)
