"""Whether an LLM's server answers and has the model: Ollama's own protocol, and that of OpenAI.

``setting`` in the messages is the variable that names the model. A key stands in no message.
"""

from importlib.util import find_spec

from pydantic import SecretStr

from aegis_pipeline.errors import ModelError, ServiceUnavailableError, SettingsError

_CHECK_SECONDS = 10
_NO_KEY = "none"  # OpenAI's client wants one, servers of one's own mostly do not
_NAMES_SHOWN = 5


def require_client(package: str, wanted_by: str) -> None:
    """Make sure that the client's ``package`` (ollama or openai) is there; ``wanted_by`` is the setting with its value.

    Raises:
        SettingsError: it is not installed.
    """
    if find_spec(package) is None:
        raise SettingsError(f"{wanted_by} needs the package {package!r}: pip install 'aegis-pipeline[llm]'.")


def key_of(secret: SecretStr | None) -> str:
    """What OpenAI's client is to send."""
    return secret.get_secret_value() if secret else _NO_KEY


async def find_ollama_model(host: str, model: str, setting: str) -> str:
    """The digest of the model's files on an Ollama server.

    Raises:
        ServiceUnavailableError: the server does not answer.
        ModelError: the server does not have the model.
    """
    from httpx import HTTPError
    from ollama import AsyncClient, ResponseError

    try:
        async with AsyncClient(host, timeout=_CHECK_SECONDS) as client:
            listed = await client.list()
    except (OSError, HTTPError, ResponseError, ValueError) as error:
        raise ServiceUnavailableError(
            f"No Ollama server answers at {host} (OLLAMA_HOST): start it by `ollama serve`, then run this again."
        ) from error
    digests = {entry.model: entry.digest for entry in listed.models}
    found = digests.keys() & {model, f"{model}:latest"}  # no tag means the tag latest
    if not found:
        raise ModelError(f"The Ollama server at {host} does not have {model!r} ({setting}): ollama pull {model}")
    return digests[found.pop()] or ""


def ollama_version(host: str) -> str:
    """The version of an Ollama server.

    Raises:
        ServiceUnavailableError: the server does not answer, or tells none.
    """
    import httpx

    try:
        answer = httpx.get(f"{host}/api/version", timeout=_CHECK_SECONDS).raise_for_status()
        return str(answer.json()["version"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ServiceUnavailableError(
            f"No Ollama server tells its version at {host} (OLLAMA_HOST): {type(error).__name__}. Start it by "
            "`ollama serve`, then run this again."
        ) from error


async def find_openai_model(url: str, key: SecretStr | None, model: str, setting: str) -> None:
    """Make sure that a server with OpenAI's protocol has the model; it tells no digest.

    Raises:
        ServiceUnavailableError: the server does not answer.
        ModelError: the server does not have the model.
        SettingsError: the server refuses the key.
    """
    from openai import AsyncOpenAI, AuthenticationError, OpenAIError, PermissionDeniedError

    try:
        async with AsyncOpenAI(base_url=url, api_key=key_of(key), timeout=_CHECK_SECONDS, max_retries=0) as client:
            names = {entry.id async for entry in client.models.list()}
    except (AuthenticationError, PermissionDeniedError):
        raise SettingsError(f"The server at {url} (OPENAI_BASE_URL) refuses the key: set OPENAI_API_KEY.") from None
    except (OpenAIError, ValueError) as error:
        raise ServiceUnavailableError(
            f"No server with OpenAI's protocol answers at {url} (OPENAI_BASE_URL): {type(error).__name__}. "
            "Start it, then run this again."
        ) from None
    if model not in names:
        some = ", ".join(sorted(names)[:_NAMES_SHOWN]) or "no model"
        raise ModelError(f"The server at {url} does not have {model!r} ({setting}); it has {some}.")
