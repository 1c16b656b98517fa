"""Which failures of a step Dagster tries again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from aegis_pipeline.errors import TerminalError

RETRIES = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For a lost worker, exhausted memory, a service that is away for a moment: after about 10 and 30 seconds."""


@contextmanager
def no_retry_of_terminal_errors() -> Iterator[None]:
    """What would end the same way ends the step at once, whatever its retry policy.

    Raises:
        dg.Failure: a ``TerminalError`` was raised within, which is its cause.
    """
    try:
        yield
    except TerminalError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
