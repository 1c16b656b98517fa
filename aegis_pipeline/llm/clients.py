"""A server with an LLM, whatever its protocol."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.llm.prompt import Prompt

_TOO_MANY, _SERVER_ERROR = 429, 500
_DENIED = {401, 403}
_NOT_FOUND = 404
_LATE = 408


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, with its tokens as the server counts them. ``is_cut``: it would have been longer than it may be."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    is_cut: bool = False


class LLMClient(Protocol):
    """One client for all calls of a batch, of which some are in flight at once."""

    @property
    def address(self) -> str:
        """Which model of which server this is."""

    async def model_digest(self) -> str:
        """What changes with the model's weights, as far as the server tells.

        Raises:
            ServiceUnavailableError: the server does not answer.
            ModelError: the server does not have the model.
            SettingsError: the server refuses the key.
        """

    async def ask(self, prompt: Prompt) -> Reply:
        """One attempt.

        Raises:
            CallFailed: there is no answer, or a part of one only.
        """

    async def close(self) -> None:
        """Give the connections back."""


def status_failure(status: int, reason: str, retry_after: str | None) -> CallFailed:
    """What a status of 400 or more says; ``retry_after`` is the header of that name."""
    if status in {_LATE, _TOO_MANY} or status >= _SERVER_ERROR:
        return CallFailed(Fault.BUSY, f"status {status}: {reason}", seconds_of(retry_after))
    fault = Fault.DENIED if status in _DENIED else Fault.MISSING_MODEL if status == _NOT_FOUND else Fault.REFUSED
    return CallFailed(fault, f"status {status}: {reason}")


def seconds_of(retry_after: str | None) -> float:
    """The header's seconds, or those until its date; 0 where it has none or is not valid."""
    if not retry_after:
        return 0
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0
