"""Ollama's protocol, as far as the legacy arm speaks it: ``/api/tags`` and ``/api/chat``."""

from typing import Any

from aegis_pipeline_tests.fakes.llm_server import ANSWER_TOKENS, FERRANTI, PROMPT_TOKENS, FakeLLM, Response, serve

__all__ = ["FERRANTI", "FakeOllama", "serve"]


class FakeOllama(FakeLLM):
    """See ``FakeLLM``."""

    def get(self, path: str, key: str | None) -> Response:
        if path != "/api/tags":
            return 404, {"error": "not found"}
        return 200, {"models": [{"name": name, "model": name} for name in self.models]}

    def post(self, path: str, key: str | None, body: dict[str, Any]) -> Response:
        if path != "/api/chat":
            return 404, {"error": "not found"}
        answer = self.chat(body)
        if not isinstance(answer, str):
            return answer
        message = {"role": "assistant", "content": answer}
        counts = {"prompt_eval_count": PROMPT_TOKENS, "eval_count": ANSWER_TOKENS}
        return 200, {"model": body["model"], "message": message, "done": True, "done_reason": "stop", **counts}
