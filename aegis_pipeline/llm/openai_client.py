"""OpenAI's protocol, through its official client: vLLM, llama.cpp, LM Studio, a hosted server."""

import httpx
from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI
from pydantic import SecretStr

from aegis_pipeline.llm.clients import Reply, status_failure
from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.llm.prompt import Prompt
from aegis_pipeline.models.llm_servers import find_openai_model, key_of


class OpenAIClient:
    """A model of a server with OpenAI's protocol. No message has the key, even where a server repeats it."""

    def __init__(
        self, base_url: str, key: SecretStr | None, model: str, *, answer_tokens: int, timeout_seconds: float
    ) -> None:
        """The time limit is on the server's silence."""
        self.base_url, self.model = base_url, model
        self._key, self._answer_tokens = key, answer_tokens
        self._client = AsyncOpenAI(base_url=base_url, api_key=key_of(key), timeout=timeout_seconds, max_retries=0)

    @property
    def address(self) -> str:
        """See ``LLMClient.address``."""
        return f"{self.model} on the server at {self.base_url}"

    async def model_digest(self) -> str:
        """Address and name: such a server tells no more of the weights."""
        await find_openai_model(self.base_url, self._key, self.model, "RELATION_MODEL")
        return self.address

    async def ask(self, prompt: Prompt) -> Reply:
        """See ``LLMClient.ask``."""
        try:
            return await self._streamed(prompt)
        except APIStatusError as error:
            header = error.response.headers.get("Retry-After")
            raise status_failure(error.status_code, self._without_key(error), header) from None
        except APIConnectionError as error:  # its subclass for time-outs too
            raise CallFailed(Fault.UNREACHABLE, f"{type(error).__name__} from {self.base_url}") from None
        except APIError as error:  # within a stream
            raise CallFailed(Fault.BUSY, f"the server stopped: {self._without_key(error)}") from None
        except (httpx.HTTPError, OSError, ValueError) as error:  # what the client lets through of a broken stream
            raise CallFailed(Fault.UNREACHABLE, f"{type(error).__name__} from {self.base_url}") from None

    async def _streamed(self, prompt: Prompt) -> Reply:
        text, ended, counts = "", "", (0, 0)
        parts = await self._client.chat.completions.create(
            model=self.model,
            messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": prompt.answer_schema},
            },
            max_tokens=self._answer_tokens,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for part in parts:
            if part.usage:
                counts = part.usage.prompt_tokens, part.usage.completion_tokens
            for choice in part.choices:
                if choice.delta.refusal:
                    raise CallFailed(Fault.REFUSED, "the model declines to answer")
                text += choice.delta.content or ""
                ended = choice.finish_reason or ended
        return _reply(text, ended, counts)

    async def close(self) -> None:
        """See ``LLMClient.close``."""
        await self._client.close()

    def _without_key(self, error: Exception) -> str:
        reason = str(error)
        return (reason.replace(key_of(self._key), "(the key)") if self._key else reason)[:200]


def _reply(text: str, ended: str, counts: tuple[int, int]) -> Reply:
    if not ended:
        raise CallFailed(Fault.UNREACHABLE, "the answer broke off")
    if ended == "content_filter":
        raise CallFailed(Fault.REFUSED, "the server's filter declines to answer")
    return Reply(text, *counts, ended == "length")
