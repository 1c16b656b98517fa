"""When a failed call is made again, and how long is waited before that."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential

from aegis_pipeline.events import Event
from aegis_pipeline.llm.faults import CallFailed
from aegis_pipeline.logs import event_log
from aegis_pipeline.settings import Settings

Sleep = Callable[[float], Awaitable[None]]

_log = event_log(__name__)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``attempts`` in all; waits in seconds grow from ``least`` by powers of two to ``most``. ``sleep`` does them."""

    attempts: int = 3
    multiplier: float = 1
    least: float = 2
    most: float = 10
    sleep: Sleep = asyncio.sleep

    @classmethod
    def of(cls, settings: Settings, sleep: Sleep = asyncio.sleep) -> "RetryPolicy":
        """As the settings say."""
        return cls(
            settings.relation_retry_attempts,
            settings.relation_retry_multiplier,
            settings.relation_retry_min_seconds,
            settings.relation_retry_max_seconds,
            sleep,
        )

    def retrying(self) -> AsyncRetrying:
        """The loop of one call: what is transient is tried again, never before the server's ``Retry-After``."""
        return AsyncRetrying(
            stop=stop_after_attempt(self.attempts),
            wait=self._wait,
            retry=retry_if_exception(lambda error: isinstance(error, CallFailed) and error.is_transient),
            sleep=self.sleep,
            before_sleep=_tell,
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        growing = wait_exponential(self.multiplier, min=self.least, max=self.most)(state)
        return max(growing, _failure(state).retry_after)


def _failure(state: RetryCallState) -> CallFailed:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, CallFailed):
        raise TypeError(f"waiting after {error!r}, which is never tried again")
    return error


def _tell(state: RetryCallState) -> None:
    _log.warning(
        Event.LLM_CALL_RETRIED,
        attempt=state.attempt_number,
        error_type=_failure(state).fault.value,
        wait_seconds=state.upcoming_sleep,
    )
