"""A server that speaks either protocol, and an extractor that asks it without waiting."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.llm import LLMRelationExtractor, build_llm_extractor
from aegis_pipeline_tests.fakes.llm_server import FakeLLM, serve
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama
from aegis_pipeline_tests.fakes.openai_server import FakeOpenAI
from aegis_pipeline_tests.relations.llm.documents import MODEL, read_births, settings_for

Build = Callable[..., LLMRelationExtractor]


@pytest.fixture(params=[FakeOllama, FakeOpenAI], ids=["ollama", "openai"])
def llm(request: pytest.FixtureRequest) -> Iterator[FakeLLM]:
    with serve(request.param(models=(MODEL,), answer_to=read_births)) as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    """The seconds that were to be waited."""
    return []


@pytest.fixture
def build(llm: FakeLLM, tmp_path: Path, waits: list[float]) -> Build:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    def built(**own: Any) -> LLMRelationExtractor:
        return build_llm_extractor(settings_for(llm, tmp_path, **own), load_schema(), sleep)

    return built
