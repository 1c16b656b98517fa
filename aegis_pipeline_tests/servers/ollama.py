"""A real Ollama server with a small model: the one that ``OLLAMA_HOST`` names, else our own from the user's cache."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from aegis_pipeline_tests.servers.launch import at_home, launch
from aegis_pipeline_tests.servers.ollama_recipe import GEMMA, MODEL, OllamaServer, has_model, ollama_recipe
from aegis_pipeline_tests.servers.process import ServerUnavailable, free_port


@pytest.fixture(scope="session")
def ollama_server() -> Iterator[OllamaServer]:
    """The Ollama server of this run; a test that cannot have one is skipped with the command that would mend it."""
    given = OllamaServer.from_environment()
    if given is not None:
        yield given
        return
    if not has_model(MODEL) or not has_model(GEMMA):
        pytest.skip("a server with small models is built for tests, in about three minutes, by: make ollama")
    try:
        server = launch([lambda: at_home("ollama", None, lambda home: ollama_recipe(home, free_port()))])
    except ServerUnavailable as error:
        pytest.skip(str(error))
    yield server.address
    server.close()


@pytest.fixture(scope="session")
def gemma_server(ollama_server: OllamaServer) -> OllamaServer:
    """The same server, and of its models the one for relations: Gemma 3, or that of ``RELATION_MODEL``."""
    model = GEMMA if ollama_server.owned else os.environ.get("RELATION_MODEL", "gemma3:4b")
    return replace(ollama_server, model=model)
