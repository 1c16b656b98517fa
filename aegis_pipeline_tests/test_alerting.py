"""A webhook is told of failed runs, over real HTTP; one that fails, hangs or is not there fails nothing."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from aegis_pipeline import alerting
from aegis_pipeline.alerting import RunFailure, tell

FAILURE = RunFailure("process_batch", "letters-1a2b3c4d", "run-1", "degraded_fraction", "Of 9 chunks: 9 lost.", None)
HANG = 0


@dataclass
class Webhook:
    """What it was told, and the statuses that it answers with, the last one for good."""

    statuses: list[int]
    port: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> SecretStr:
        return SecretStr(f"http://127.0.0.1:{self.port}/services/s3cret")

    def answer(self, body: dict[str, Any]) -> int:
        self.told.append(body)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class Handler(BaseHTTPRequestHandler):
    webhook: Webhook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.webhook.answer(body)
        if status == HANG:
            self.webhook.closing.wait()
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setattr(alerting, "_WAIT_SECONDS", 0.01)
    found = Webhook([200])
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"webhook": found}))
    server.daemon_threads = True
    found.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    found.closing.set()
    server.shutdown()
    server.server_close()


def test_alert_is_plain_json(webhook: Webhook) -> None:
    assert tell(webhook.url, FAILURE)
    assert webhook.told == [
        {
            "job": "process_batch",
            "batch": "letters-1a2b3c4d",
            "run_id": "run-1",
            "failed": "degraded_fraction",
            "error": "Of 9 chunks: 9 lost.",
            "link": None,
        }
    ]


@pytest.mark.parametrize(
    ("statuses", "is_told", "attempts"),
    [([500, 200], True, 2), ([500], False, 3), ([404], False, 1), ([HANG], False, 3), ([HANG, 200], True, 2)],
)
def test_alert_is_tried_again_where_that_may_help(
    webhook: Webhook,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    statuses: list[int],
    is_told: bool,
    attempts: int,
) -> None:
    monkeypatch.setattr(alerting, "_SECONDS", 0.3)
    webhook.statuses = statuses
    with caplog.at_level("DEBUG", "aegis_pipeline"):
        assert tell(webhook.url, FAILURE) is is_told
    assert len(webhook.told) == attempts
    assert "s3cret" not in caplog.text
    assert ("alert_failed" in caplog.text) is not is_told


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/s3cret", "no address", "http://["])
def test_alert_to_no_server_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    monkeypatch.setattr(alerting, "_WAIT_SECONDS", 0)
    assert not tell(SecretStr(url), FAILURE)
    assert "alert_failed" in caplog.text
    assert "s3cret" not in caplog.text
