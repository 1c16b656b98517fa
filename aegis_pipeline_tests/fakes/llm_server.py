"""An LLM server without a model: JSON over real HTTP, with answers and faults that a test prepares."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

NOTHING = "<|COMPLETE|>"
PROMPT_TOKENS, ANSWER_TOKENS = 100, 7
FERRANTI = "\n".join(
    (
        "entity<|#|>Ferranti<|#|>organization<|#|>Ferranti is a company.",
        "entity<|#|>Manchester<|#|>location<|#|>Manchester is a city.",
        "relation<|#|>Ferranti<|#|>Manchester<|#|>place<|#|>Ferranti was based in Manchester.",
        "<|COMPLETE|>",
    )
)
Response = tuple[int, dict[str, Any] | bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """What the server does once instead of its usual answer.

    ``status`` with ``retry_after``; or the model says ``text``; or it stops at its limit (``is_cut``) or by a filter;
    or only ``sent_bytes`` of the answer are sent before it hangs up; or nothing comes for as long as it runs.
    """

    status: int = 200
    retry_after: str = ""
    text: str | None = None
    is_cut: bool = False
    is_filtered: bool = False
    sent_bytes: int | None = None
    hangs: bool = False


@dataclass
class FakeLLM:
    """What the server has and answers; a subclass speaks a protocol. ``chats`` are the bodies of the questions.

    ``answers`` maps a word of the last message, in small letters, to the answer; without a match it is LightRAG's empty
    extraction. ``failures`` is how many questions end with status 500 before one succeeds, ``delay`` the seconds before
    an answer, ``garbled`` makes it no JSON, and after ``lives`` more requests the server hangs up on everyone. ``told``
    are what the next questions get, one after another, and ``answer_to`` makes other answers than ``answers`` has.
    """

    models: tuple[str, ...] = ("llama3.2:3b",)
    answers: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    delay: float = 0
    garbled: bool = False
    lives: int | None = None
    told: list[Told] = field(default_factory=list)
    answer_to: Callable[[dict[str, Any]], str] | None = None
    chats: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def get(self, path: str, key: str | None) -> Response:
        """The answer to a GET request; ``key`` is its header Authorization."""
        raise NotImplementedError

    def post(self, path: str, key: str | None, body: dict[str, Any], told: Told) -> Response:
        """The answer to a POST request."""
        raise NotImplementedError

    def hangs_up(self) -> bool:
        if self.lives is None:
            return False
        self.lives -= 1
        return self.lives < 0

    def chat(self, body: dict[str, Any], told: Told) -> str | Response:
        """The answer's text, or the fault that the test prepared."""
        self.chats.append(body)
        if told.status != 200:
            return told.status, {"error": f"told to end with {told.status}"}
        if told.text is not None:
            return told.text
        time.sleep(self.delay)
        if body["model"] not in self.models:
            return 404, {"error": f"model '{body['model']}' not found"}
        if self.failures > 0:
            self.failures -= 1
            return 500, {"error": "the runner has stopped"}
        if self.garbled:
            return 200, b'{"message": {"content": "ent'
        if self.answer_to:
            return self.answer_to(body)
        asked = body["messages"][-1]["content"].lower()
        return next((answer for word, answer in self.answers.items() if word in asked), NOTHING)


Fake = TypeVar("Fake", bound=FakeLLM)


def pieces(text: str) -> list[str]:
    """An answer as a server streams it."""
    return [text[start : start + 20] for start in range(0, len(text), 20)]


@contextmanager
def serve(llm: Fake) -> Iterator[Fake]:
    """``llm`` behind a free port of this machine, its ``url`` set, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*llm.get(self.path, self._key))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = llm.told.pop(0) if llm.told else Told()
            if told.hangs:
                llm.chats.append(body)
                llm.ended.wait()
                self.close_connection = True
                return
            self._answer(*llm.post(self.path, self._key, body, told), told)

        @property
        def _key(self) -> str | None:
            return self.headers.get("Authorization")

        def _answer(self, status: int, body: dict[str, Any] | bytes, told: Told = Told()) -> None:
            if llm.hangs_up():
                self.close_connection = True
                return
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if told.retry_after:
                self.send_header("Retry-After", told.retry_after)
            self.end_headers()
            self.wfile.write(content[: told.sent_bytes])

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                """The client did not wait for an answer that came late."""

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        llm.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield llm
        finally:
            llm.ended.set()
            server.shutdown()
            thread.join()
