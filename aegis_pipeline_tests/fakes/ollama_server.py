"""Ollama's protocol as far as this project speaks it: models, version and chat, in one piece or streamed."""

import json
from dataclasses import dataclass, field
from typing import Any

from aegis_pipeline_tests.fakes.llm_server import (
    ANSWER_TOKENS,
    FERRANTI,
    PROMPT_TOKENS,
    FakeLLM,
    Response,
    Told,
    pieces,
    serve,
)

__all__ = ["FERRANTI", "FakeOllama", "serve"]


@dataclass
class FakeOllama(FakeLLM):
    """See ``FakeLLM``. ``vram`` are the bytes of a GPU that each loaded model holds, ``generated`` the bodies of what
    was asked beside chats; a model that is to be kept for no time is gone.
    """

    vram: dict[str, int] = field(default_factory=dict)
    generated: list[dict[str, Any]] = field(default_factory=list)

    def get(self, path: str, key: str | None) -> Response:
        if path == "/api/version":
            return 200, {"version": "fake"}
        if path == "/api/ps":
            return 200, {"models": [{"model": name, "size_vram": held} for name, held in self.vram.items()]}
        if path != "/api/tags":
            return 404, {"error": "not found"}
        return 200, {"models": [{"name": name, "model": name, "digest": f"digest of {name}"} for name in self.models]}

    def post(self, path: str, key: str | None, body: dict[str, Any], told: Told) -> Response:
        if path == "/api/generate":
            self.generated.append(body)
            if body.get("keep_alive") == 0:
                self.vram.pop(body["model"], None)
            return 200, {"model": body["model"], "done": True}
        if path != "/api/chat":
            return 404, {"error": "not found"}
        answer = self.chat(body, told)
        if not isinstance(answer, str):
            return answer
        reason = "length" if told.is_cut else "stop"
        counts = {"prompt_eval_count": PROMPT_TOKENS, "eval_count": ANSWER_TOKENS}
        last = {"model": body["model"], "done": True, "done_reason": reason, **counts}
        if not body.get("stream"):
            return 200, {**last, "message": _message(answer)}
        parts = [{"model": body["model"], "done": False, "message": _message(piece)} for piece in pieces(answer)]
        return 200, b"".join(json.dumps(part).encode() + b"\n" for part in [*parts, {**last, "message": _message("")}])


def _message(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content}
