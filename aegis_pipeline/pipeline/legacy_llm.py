"""The legacy arm's model: on an Ollama server or on one with OpenAI's protocol, asked through LightRAG's own bindings.

The bindings come with LightRAG, and decide what is tried again: that of OpenAI's protocol asks three times, that of
Ollama once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aegis_pipeline.errors import ServiceUnavailableError
from aegis_pipeline.models.llm_servers import find_ollama_model, find_openai_model, key_of, require_client
from aegis_pipeline.settings import LegacyServer, Settings

_CONTEXT_TOKENS = 16384  # LightRAG's prompt alone has about 2,000, a chunk 1,200, and an answer may have 4,096


@dataclass(slots=True)
class Usage:
    """What a model was asked and answered, as far as its server tells: LightRAG's bindings add to it."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0

    def add_usage(self, counts: Mapping[str, int]) -> None:
        """The tokens of one answer, under LightRAG's names."""
        self.prompt_tokens += counts["prompt_tokens"]
        self.answer_tokens += counts["completion_tokens"]


class LegacyLLM(Protocol):
    """A model behind a server."""

    async def check(self) -> str:
        """Make sure of both before anything is changed; what was found, and where.

        Raises:
            ServiceUnavailableError: the server does not answer.
            ModelError: the server does not have the model.
            SettingsError: the server refuses the key.
        """

    async def complete(self, usage: Usage, prompt: str, **options: Any) -> str:
        """The answer; ``options`` are LightRAG's, and ``usage`` is added to.

        Raises:
            Exception: whatever the binding raises; LightRAG makes it the reason for which a document failed.
        """


def legacy_llm(configured: Settings) -> LegacyLLM:
    """The model that the settings name.

    Raises:
        SettingsError: the package that speaks to such a server is not installed.
    """
    server = configured.legacy_server
    # LightRAG's binding would install it, whatever is pinned
    require_client(server.value, f"LEGACY_SERVER={server.value}")
    return OllamaLLM(configured) if server is LegacyServer.OLLAMA else OpenAILLM(configured)


@dataclass(frozen=True, slots=True)
class OllamaLLM:
    """A model of an Ollama server."""

    settings: Settings

    async def check(self) -> str:
        """See ``LegacyLLM.check``."""
        host, model = self.settings.ollama_host, self.settings.legacy_model
        await find_ollama_model(host, model, "LEGACY_MODEL")
        return f"{model} on the Ollama server at {host}"

    async def complete(self, usage: Usage, prompt: str, **options: Any) -> str:
        """See ``LegacyLLM.complete``."""
        from lightrag.llm.ollama import ollama_model_complete

        usage.calls += 1
        answer: str = await ollama_model_complete(
            prompt,
            host=self.settings.ollama_host,
            timeout=self.settings.legacy_timeout_seconds,
            options={
                "num_ctx": _CONTEXT_TOKENS,
                "num_predict": self.settings.legacy_answer_tokens,
                "temperature": 0,
            },
            token_tracker=usage,
            **options,
        )
        return answer


@dataclass(frozen=True, slots=True)
class OpenAILLM:
    """A model of a server with OpenAI's protocol: vLLM, llama.cpp, a hosted one, …"""

    settings: Settings

    async def check(self) -> str:
        """See ``LegacyLLM.check``."""
        url, model = self.settings.openai_base_url, self.settings.legacy_model
        await find_openai_model(url, self.settings.openai_api_key, model, "LEGACY_MODEL")
        return f"{model} on the server at {url}"

    async def complete(self, usage: Usage, prompt: str, **options: Any) -> str:
        """See ``LegacyLLM.complete``. The reason of a failure never has the key, even where a server repeats it."""
        from lightrag.llm.openai import openai_complete_if_cache
        from openai import OpenAIError
        from tenacity import RetryError

        usage.calls += 1
        try:
            answer: str = await openai_complete_if_cache(
                self.settings.legacy_model,
                prompt,
                base_url=self.settings.openai_base_url,
                api_key=key_of(self.settings.openai_api_key),
                timeout=self.settings.legacy_timeout_seconds,
                max_tokens=self.settings.legacy_answer_tokens,
                temperature=0,
                token_tracker=usage,
                **options,
            )
        except RetryError as error:
            raise self._failure(error.last_attempt.exception()) from None
        except OpenAIError as error:
            raise self._failure(error) from None
        return answer

    def _failure(self, error: BaseException | None) -> ServiceUnavailableError:
        reason = str(error)
        if self.settings.openai_api_key:
            reason = reason.replace(key_of(self.settings.openai_api_key), "(the key)")
        return ServiceUnavailableError(f"{type(error).__name__}: {reason}")
