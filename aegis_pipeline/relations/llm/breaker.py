"""A circuit breaker: when a server is down, a batch does not wait for every chunk in turn."""

from aegis_pipeline.events import Event
from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.logs import event_log

_log = event_log(__name__)

FAILURES_IN_A_ROW = 3
"""Calls, each after its last attempt. With 30 % of all attempts failing at random, three in a row are 1 of 50,000."""


class Breaker:
    """Closed until ``FAILURES_IN_A_ROW`` calls have failed one after another, or one in a way that concerns them all.

    It stays open then: a batch has one of its own.
    """

    def __init__(self, cause: CallFailed | None = None) -> None:
        self._cause = cause
        self._failures = 0

    def check(self) -> None:
        """Before each attempt.

        Raises:
            CallFailed: it is open; the message is that of the call that opened it.
        """
        if self._cause is not None:
            raise CallFailed(Fault.GIVEN_UP, f"not asked any more: {self._cause}") from self._cause

    def succeeded(self) -> None:
        """A call had an answer, readable or not."""
        self._failures = 0

    def failed(self, error: CallFailed) -> None:
        """A call had none, after its last attempt."""
        if error.is_hopeless:
            self._open(error)
        elif error.fault in {Fault.UNREACHABLE, Fault.BUSY}:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                self._open(error)

    def _open(self, error: CallFailed) -> None:
        if self._cause is None:
            self._cause = error
            _log.warning(Event.LLM_GIVEN_UP, error_type=error.fault.value, failures=self._failures)
