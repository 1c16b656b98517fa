"""The server and model that the settings name."""

from collections.abc import Callable

from aegis_pipeline.llm.clients import LLMClient
from aegis_pipeline.models.llm_servers import require_client
from aegis_pipeline.settings import RelationBackend, Settings

_CONTEXT_STEP = 1024


def llm_client(settings: Settings, *, prompt_tokens: int, answer_tokens: int) -> Callable[[], LLMClient]:
    """What connects to the server of RELATION_BACKEND=ollama or openai, for prompts and answers of at most so many
    tokens.

    Raises:
        SettingsError: the package that speaks to such a server is not installed.
    """
    require_client(settings.relation_backend.value, f"RELATION_BACKEND={settings.relation_backend.value}")
    timeout = settings.relation_timeout_seconds
    if settings.relation_backend is RelationBackend.OLLAMA:
        from aegis_pipeline.llm.ollama_client import OllamaClient

        return lambda: OllamaClient(
            settings.ollama_host,
            settings.relation_model,
            context_tokens=-(-(prompt_tokens + answer_tokens) // _CONTEXT_STEP) * _CONTEXT_STEP,
            answer_tokens=answer_tokens,
            timeout_seconds=timeout,
        )
    from aegis_pipeline.llm.openai_client import OpenAIClient

    return lambda: OpenAIClient(
        settings.openai_base_url,
        settings.openai_api_key,
        settings.relation_model,
        answer_tokens=answer_tokens,
        timeout_seconds=timeout,
    )


async def check_model(connect: Callable[[], LLMClient]) -> str:
    """Make sure of server and model; which they are.

    Raises:
        ServiceUnavailableError: the server does not answer.
        ModelError: the server does not have the model.
        SettingsError: the server refuses the key.
    """
    client = connect()
    try:
        await client.model_digest()
    finally:
        await client.close()
    return client.address
