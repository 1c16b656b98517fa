"""Ollama's own protocol, through its official client."""

import json
from typing import Any

import httpx
from ollama import AsyncClient, ChatResponse, ResponseError

from aegis_pipeline.llm.clients import Reply, status_failure
from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.llm.prompt import Prompt
from aegis_pipeline.models.llm_servers import find_ollama_model


class OllamaClient:
    """A model of an Ollama server."""

    def __init__(
        self, host: str, model: str, *, context_tokens: int, answer_tokens: int, timeout_seconds: float
    ) -> None:
        """``context_tokens`` is the same for all calls: for another the server would load the model again. The time
        limit is on the server's silence, so that a long answer is not taken for none."""
        self.host, self.model = host, model
        self._options = {"num_ctx": context_tokens, "num_predict": answer_tokens, "temperature": 0}
        hooks = {"response": [_raise_for_status]}
        self._client = AsyncClient(host, timeout=timeout_seconds, event_hooks=hooks)

    @property
    def address(self) -> str:
        """See ``LLMClient.address``."""
        return f"{self.model} on the Ollama server at {self.host}"

    async def model_digest(self) -> str:
        """See ``LLMClient.model_digest``."""
        return await find_ollama_model(self.host, self.model, "RELATION_MODEL")

    async def ask(self, prompt: Prompt) -> Reply:
        """See ``LLMClient.ask``."""
        try:
            return await self._streamed(prompt)
        except (httpx.HTTPError, OSError, json.JSONDecodeError) as error:  # a line that breaks off is a broken stream
            raise CallFailed(Fault.UNREACHABLE, f"{type(error).__name__} from {self.host}") from error
        except ResponseError as error:  # within a stream: the status was 200
            raise CallFailed(Fault.BUSY, f"the server stopped: {error.error[:200]}") from error

    async def _streamed(self, prompt: Prompt) -> Reply:
        text, last = "", None
        parts = await self._client.chat(
            self.model,
            [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            stream=True,
            format=prompt.answer_schema,
            options=self._options,
        )
        async for last in parts:
            text += last.message.content or ""
        return _reply(text, last)

    async def close(self) -> None:
        """See ``LLMClient.close``."""
        await self._client.close()  # type: ignore[no-untyped-call]


def _reply(text: str, last: ChatResponse | None) -> Reply:
    if last is None or not last.done:
        raise CallFailed(Fault.UNREACHABLE, "the answer broke off")
    return Reply(text, last.prompt_eval_count or 0, last.eval_count or 0, last.done_reason == "length")


async def _raise_for_status(response: httpx.Response) -> None:
    """Before the client does: its own exception has no headers."""
    if response.is_error:
        await response.aread()
        raise status_failure(response.status_code, _reason(response), response.headers.get("Retry-After"))


def _reason(response: httpx.Response) -> str:
    try:
        body: Any = response.json()
        return str(body["error"])[:200]
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
