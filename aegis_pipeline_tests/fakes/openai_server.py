"""OpenAI's protocol, as far as this project speaks it: ``/v1/models`` and ``/v1/chat/completions``, in one piece or
streamed."""

import json
from dataclasses import dataclass
from typing import Any

from aegis_pipeline_tests.fakes.llm_server import ANSWER_TOKENS, PROMPT_TOKENS, FakeLLM, Response, Told, pieces


@dataclass
class FakeOpenAI(FakeLLM):
    """See ``FakeLLM``; with a ``key``, every request must have it, and it stands in the message of each fault."""

    key: str | None = None

    def get(self, path: str, key: str | None) -> Response:
        if self.key is not None and key != f"Bearer {self.key}":
            return 401, {"error": {"message": f"wrong key {key}", "code": "invalid_api_key"}}
        if path != "/v1/models":
            return 404, {"error": {"message": "not found"}}
        return 200, {"object": "list", "data": [self._model(name) for name in self.models]}

    def post(self, path: str, key: str | None, body: dict[str, Any], told: Told) -> Response:
        if path != "/v1/chat/completions":
            return 404, {"error": {"message": "not found"}}
        answer = self.chat(body, told)
        if isinstance(answer, tuple):
            status, fault = answer
            return status, fault if isinstance(fault, bytes) else {
                "error": {"message": f"{fault['error']}, {self.key}"}
            }
        reason = "length" if told.is_cut else "content_filter" if told.is_filtered else "stop"
        total = PROMPT_TOKENS + ANSWER_TOKENS
        counts = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": ANSWER_TOKENS, "total_tokens": total}
        made = {"id": "c", "object": "chat.completion", "created": 0, "model": body["model"]}
        if body.get("stream"):
            return 200, _streamed({**made, "object": "chat.completion.chunk"}, answer, reason, counts)
        choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": answer}}
        return 200, {**made, "choices": [choice], "usage": counts}

    def _model(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": 0, "owned_by": "me"}


def _streamed(made: dict[str, Any], answer: str, reason: str, counts: dict[str, int]) -> bytes:
    """Server-sent events: the pieces, why it ended, and the tokens."""
    deltas = [({"role": "assistant", "content": piece}, None) for piece in pieces(answer)]
    choices = [{"index": 0, "delta": delta, "finish_reason": ended} for delta, ended in [*deltas, ({}, reason)]]
    events = [{**made, "choices": [choice]} for choice in choices] + [{**made, "choices": [], "usage": counts}]
    return b"".join(b"data: " + text + b"\n\n" for text in [*(json.dumps(e).encode() for e in events), b"[DONE]"])
