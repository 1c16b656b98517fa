"""Ollama with models small enough for tests, from the user's cache: ``make ollama`` builds them.

Measured on two cores: 2 s to start, and 15 s for an answer to LightRAG's prompt the first time, whose 2,300 tokens are
then known to the server.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from aegis_pipeline_tests.servers.process import CACHE, Recipe, ServerUnavailable

FOLDER = CACHE / "ollama"
BINARY = FOLDER / "bin" / "ollama"
MODELS = FOLDER / "models"
MODEL = "smollm2-with-example:135m"
GEMMA = "gemma3:270m"
_MANIFESTS = MODELS / "manifests" / "registry.ollama.ai" / "library"


@dataclass(frozen=True, slots=True)
class OllamaServer:
    """An Ollama server and a model that it has; ``owned`` when the tests started it."""

    host: str
    model: str
    owned: bool = False

    @classmethod
    def from_environment(cls) -> Self | None:
        """The server that ``OLLAMA_HOST`` names, where it is set, and the model of ``LEGACY_MODEL``."""
        host = os.environ.get("OLLAMA_HOST")
        return cls(host, os.environ.get("LEGACY_MODEL", "llama3.2:3b")) if host else None


def has_model(name: str) -> bool:
    """Whether the model was built."""
    return _MANIFESTS.joinpath(*name.split(":")).exists()


def ollama_recipe(home: Path, port: int) -> Recipe[OllamaServer]:
    """A server in ``home`` on ``port``, with the models of the cache.

    Raises:
        ServerUnavailable: it was not built.
    """
    if not BINARY.exists():
        raise ServerUnavailable("Ollama is built for tests, in about three minutes, by: make ollama")
    address = OllamaServer(f"http://127.0.0.1:{port}", MODEL, owned=True)
    return Recipe(
        address=address,
        home=home,
        command=(str(BINARY), "serve"),
        ready="Listening on",
        environment={
            "OLLAMA_HOST": address.host,
            "OLLAMA_MODELS": str(MODELS),
            "OLLAMA_NUM_PARALLEL": "1",
            "OLLAMA_CONTEXT_LENGTH": "8192",
            "HOME": str(home),
        },
    )
