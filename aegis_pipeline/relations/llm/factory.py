"""The LLM that the settings name: its client, its limits, and where its answers are kept."""

import asyncio
from collections.abc import Callable

from aegis_pipeline.llm import LLMClient, check_model, llm_client
from aegis_pipeline.llm.prompt import estimate_tokens
from aegis_pipeline.llm.retries import RetryPolicy, Sleep
from aegis_pipeline.relations.llm.cache import AnswerCache
from aegis_pipeline.relations.llm.calls import CallLimits
from aegis_pipeline.relations.llm.extractor import LLMRelationExtractor
from aegis_pipeline.relations.llm.prompt import INSTRUCTIONS, relation_lines
from aegis_pipeline.relations.schema import RelationSchema
from aegis_pipeline.settings import Settings


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
        connect(settings, schema),
        schema,
        AnswerCache(settings.home / "llm" / "relations"),
        CallLimits(settings.relation_call_tokens, settings.relation_answer_tokens, settings.extraction_max_workers),
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
    return await check_model(connect(settings, schema))


def connect(settings: Settings, schema: RelationSchema) -> Callable[[], LLMClient]:
    """What connects to the server, for the largest call: instructions, every relation, documents, and the answer.

    Raises:
        SettingsError: the package that speaks to such a server is not installed.
    """
    told = estimate_tokens(INSTRUCTIONS) + sum(map(estimate_tokens, relation_lines(schema.values())))
    return llm_client(
        settings,
        prompt_tokens=told + settings.relation_call_tokens,
        answer_tokens=settings.relation_answer_tokens,
    )
