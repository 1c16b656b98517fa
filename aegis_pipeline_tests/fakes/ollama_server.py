"""An Ollama server without a model: the real protocol over HTTP, with answers that a test prepares."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NOTHING = "<|COMPLETE|>"


@dataclass
class FakeOllama:
    """What the server has and answers. ``chats`` are the bodies of the requests to ``/api/chat``.

    ``answers`` maps a word of the last message, in small letters, to the answer; without a match it is LightRAG's empty
    extraction.
    ``failures`` is how many chats end with status 500 before one succeeds.
    """

    models: tuple[str, ...] = ("gemma3:4b",)
    answers: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    chats: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def tags(self) -> tuple[int, dict[str, Any]]:
        return 200, {"models": [{"name": name, "model": name} for name in self.models]}

    def chat(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.chats.append(body)
        if body["model"] not in self.models:
            return 404, {"error": f"model '{body['model']}' not found"}
        if self.failures > 0:
            self.failures -= 1
            return 500, {"error": "the runner has stopped"}
        asked = body["messages"][-1]["content"].lower()
        content = next((answer for word, answer in self.answers.items() if word in asked), NOTHING)
        return 200, {"model": body["model"], "message": {"role": "assistant", "content": content}, "done": True}


@contextmanager
def serve(ollama: FakeOllama) -> Iterator[FakeOllama]:
    """``ollama`` behind a free port of this machine, its ``url`` set, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*(ollama.tags() if self.path == "/api/tags" else (404, {"error": "not found"})))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(*(ollama.chat(body) if self.path == "/api/chat" else (404, {"error": "not found"})))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        ollama.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield ollama
        finally:
            server.shutdown()
            thread.join()
