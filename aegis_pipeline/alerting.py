"""Telling a webhook of a run that failed."""

import logging
from dataclasses import asdict, dataclass
from http import HTTPStatus

import httpx
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log

_SECONDS, _ATTEMPTS, _WAIT_SECONDS = 3, 3, 1  # a tick of a sensor has 60 seconds
_log = event_log(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and a webhook's has its token in it


@dataclass(frozen=True, slots=True)
class RunFailure:
    """What is told, as JSON with these names. No field holds text of a document.

    ``failed`` is the step or the gate that stopped the run; None where the run's process was lost. ``link`` leads to
    the run in Dagster's UI, where its address is set.
    """

    job: str
    batch: str | None
    run_id: str
    failed: str | None
    error: str
    link: str | None


def tell(webhook: SecretStr, failure: RunFailure) -> bool:
    """Post ``failure`` to ``webhook``; whether that took it. What goes wrong is logged, and fails nothing else.

    A server that does not answer in 3 seconds, or has a fault of its own, is asked 3 times.
    """
    retrying = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_fixed(_WAIT_SECONDS),
        retry=retry_if_exception(_may_pass),
        reraise=True,
    )
    try:
        retrying(_post, webhook, failure)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.critical(Event.ALERT_FAILED, failed_run=failure.run_id, error=_kind(error))
        return False
    _log.info(Event.ALERT_SENT, failed_run=failure.run_id)
    return True


def _post(webhook: SecretStr, failure: RunFailure) -> None:
    httpx.post(webhook.get_secret_value(), json=asdict(failure), timeout=_SECONDS).raise_for_status()


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, httpx.TransportError)


def _kind(error: Exception) -> str:
    """Without the address, which messages have in them."""
    return str(error.response.status_code) if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
