"""The LLM that the settings name: its client, its limits, and where its answers are kept."""

import asyncio
from collections.abc import Callable

from aegis_pipeline.models.llm_servers import require_client
from aegis_pipeline.relations.llm.cache import AnswerCache
from aegis_pipeline.relations.llm.calls import CallLimits
from aegis_pipeline.relations.llm.clients import LLMClient
from aegis_pipeline.relations.llm.extractor import LLMRelationExtractor
from aegis_pipeline.relations.llm.prompt import INSTRUCTIONS, relation_lines
from aegis_pipeline.relations.llm.retries import RetryPolicy, Sleep
from aegis_pipeline.relations.llm.sections import estimate_tokens
from aegis_pipeline.relations.schema import RelationSchema
from aegis_pipeline.settings import RelationBackend, Settings

_CONTEXT_STEP = 1024


def build_llm_extractor(
    settings: Settings, schema: RelationSchema, sleep: Sleep = asyncio.sleep
) -> LLMRelationExtractor:
    """The extractor of RELATION_BACKEND=ollama or openai; its server is asked at the first use. ``sleep`` waits between
    the attempts of a call.

    Raises:
        SettingsError: the package that speaks to such a server is not installed.
    """
    return LLMRelationExtractor(
        settings.relation_backend.value,
        llm_client(settings, schema),
        schema,
        AnswerCache(settings.home / "llm" / "relations"),
        CallLimits(settings.relation_call_tokens, settings.extraction_max_workers),
        RetryPolicy.of(settings, sleep),
        settings.relation_min_confidence,
    )


async def check_llm(settings: Settings, schema: RelationSchema) -> str:
    """Make sure of server and model before anything is read; which they are.

    Raises:
        SettingsError: the package that speaks to such a server is not installed, or the server refuses the key.
        ServiceUnavailableError: the server does not answer.
        ModelError: the server does not have the model.
    """
    client = llm_client(settings, schema)()
    try:
        await client.model_digest()
    finally:
        await client.close()
    return client.address


def llm_client(settings: Settings, schema: RelationSchema) -> Callable[[], LLMClient]:
    """What connects to the server that the settings name.

    Raises:
        SettingsError: the package that speaks to such a server is not installed.
    """
    require_client(settings.relation_backend.value, f"RELATION_BACKEND={settings.relation_backend.value}")
    model, answer_tokens = settings.relation_model, settings.relation_answer_tokens
    timeout = settings.relation_timeout_seconds
    if settings.relation_backend is RelationBackend.OLLAMA:
        from aegis_pipeline.relations.llm.ollama_client import OllamaClient

        return lambda: OllamaClient(
            settings.ollama_host,
            model,
            context_tokens=context_tokens(settings, schema),
            answer_tokens=answer_tokens,
            timeout_seconds=timeout,
        )
    from aegis_pipeline.relations.llm.openai_client import OpenAIClient

    return lambda: OpenAIClient(
        settings.openai_base_url,
        settings.openai_api_key,
        model,
        answer_tokens=answer_tokens,
        timeout_seconds=timeout,
    )


def context_tokens(settings: Settings, schema: RelationSchema) -> int:
    """Tokens that the largest call needs: instructions, every relation, documents, and the answer."""
    told = estimate_tokens(INSTRUCTIONS) + sum(map(estimate_tokens, relation_lines(schema.values())))
    needed = told + settings.relation_call_tokens + settings.relation_answer_tokens
    return -(-needed // _CONTEXT_STEP) * _CONTEXT_STEP
