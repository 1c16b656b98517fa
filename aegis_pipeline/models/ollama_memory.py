"""What an Ollama server holds of a GPU, and having it let go of that."""

from typing import Any
from urllib.parse import urlsplit

import httpx

from aegis_pipeline.errors import ServiceUnavailableError

_SECONDS = 10
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def is_on_this_machine(host: str) -> bool:
    """Whether the server shares this machine's cards, as far as its address tells."""
    return urlsplit(host if "//" in host else f"//{host}").hostname in _HERE


def held_vram_bytes(host: str, model: str) -> int:
    """Bytes of a GPU that the server holds for the model now: weights and the cache of its requests.

    Raises:
        ServiceUnavailableError: the server does not answer, or not by Ollama's protocol.
    """
    loaded = {entry["model"]: entry.get("size_vram", 0) for entry in _asked("GET", host, "ps")["models"]}
    return int(loaded.get(model) or loaded.get(f"{model}:latest") or 0)


def let_go(host: str, model: str) -> None:
    """Have the server drop the model from memory; it loads it again for the next request.

    Raises:
        ServiceUnavailableError: the server does not answer, or does not have the model.
    """
    _asked("POST", host, "generate", {"model": model, "keep_alive": 0})


def _asked(method: str, host: str, what: str, body: dict[str, Any] | None = None) -> Any:
    try:
        answer = httpx.request(method, f"{host}/api/{what}", json=body, timeout=_SECONDS)
        return answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise ServiceUnavailableError(
            f"The Ollama server at {host} (OLLAMA_HOST) does not answer /api/{what}: {type(error).__name__}. Start it "
            "by `ollama serve`, then run this again."
        ) from error
