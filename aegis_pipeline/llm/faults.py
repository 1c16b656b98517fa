"""How a call of an LLM fails, whatever its server: what may be tried again, and what the documents' outcome is."""

from enum import StrEnum

from aegis_pipeline.errors import AegisError, ModelError, SettingsError
from aegis_pipeline.records import Outcome

LONGEST_WAIT_SECONDS = 120
"""A server that asks to be left alone for longer (``Retry-After``) is not waited for."""


class Fault(StrEnum):
    """What went wrong with a call."""

    UNREACHABLE = "unreachable"
    """No connection, one that broke, or silence for too long."""
    BUSY = "busy"
    """Status 429 or 5xx: too many requests, an error of the server's own, a model that is still being loaded."""
    CUT = "cut"
    """The answer would have been longer than it may be."""
    MALFORMED = "malformed"
    """The answer is not what was asked for."""
    REFUSED = "refused"
    """The server or the model declines this very request."""
    MISSING_MODEL = "missing_model"
    DENIED = "denied"
    """The key is not accepted."""
    GIVEN_UP = "given_up"
    """Not asked: the server failed too often before."""


_OUTCOMES = {
    Fault.CUT: Outcome.MALFORMED,
    Fault.MALFORMED: Outcome.MALFORMED,
    Fault.REFUSED: Outcome.REFUSED,
}


class CallFailed(Exception):  # noqa: N818 - what it says of the call, as in ``except CallFailed``
    """A call that gave no answer that can be read. ``retry_after`` is how long the server asks to wait, in seconds.

    Who calls turns it into an outcome or an error of ours.
    """

    def __init__(self, fault: Fault, message: str, retry_after: float = 0) -> None:
        super().__init__(message)
        self.fault, self.retry_after = fault, retry_after

    @property
    def is_transient(self) -> bool:
        """Whether the same call may end otherwise a little later."""
        return self.fault in {Fault.UNREACHABLE, Fault.BUSY} and self.retry_after <= LONGEST_WAIT_SECONDS

    @property
    def is_divisible(self) -> bool:
        """Whether it may lie in a part of the request: the answer cannot be read, or the request is refused."""
        return self.fault in {Fault.CUT, Fault.MALFORMED, Fault.REFUSED}

    @property
    def is_hopeless(self) -> bool:
        """Whether no other call to this server can end better."""
        return self.fault in {Fault.MISSING_MODEL, Fault.DENIED}

    @property
    def outcome(self) -> Outcome:
        """What this is to the documents that were asked about."""
        return _OUTCOMES.get(self.fault, Outcome.UNAVAILABLE)


def failure_of(error: AegisError) -> CallFailed:
    """What it is to a call that server, model or key are not as they should be."""
    if isinstance(error, ModelError):
        return CallFailed(Fault.MISSING_MODEL, str(error))
    return CallFailed(Fault.DENIED if isinstance(error, SettingsError) else Fault.UNREACHABLE, str(error))
