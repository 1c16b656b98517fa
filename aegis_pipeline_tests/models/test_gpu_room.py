"""Which model leaves the GPU for which, on a card and a server that are told; and a real server that lets go."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from aegis_pipeline.errors import ServiceUnavailableError
from aegis_pipeline.models import gpu_room
from aegis_pipeline.models.gpu_room import make_room
from aegis_pipeline.models.loading import ModelCache
from aegis_pipeline.models.ollama_memory import held_vram_bytes, is_on_this_machine, let_go
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve

GB = 10**9


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with serve(FakeOllama()) as told:
        yield told


class Keeper:
    """Keeps a model beside the cache."""

    kept = True

    def forget(self) -> None:
        self.kept = False


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> ModelCache:
    own = ModelCache()
    monkeypatch.setattr(gpu_room, "CACHE", own)
    own.get(("mentions", "en_core_web_trf"), object)
    own.get(("encoder", "MiniLM"), object)
    return own


def configured(monkeypatch: pytest.MonkeyPatch, server: FakeOllama, free_gb: float | None, **own: Any) -> Settings:
    monkeypatch.setattr(gpu_room, "free_gb_of", lambda _device: free_gb)
    asked = {"relation_backend": "ollama", "ollama_host": server.url, "device": "cuda", "extraction_max_workers": 1}
    return Settings.model_validate({**asked, **own})


@pytest.mark.parametrize(
    ("free_gb", "own", "goes"),
    [
        (8, {}, False),  # 6.4 GB to fill: 3.3 GB of weights, .12 and 20,288 tokens of context at .0205 a thousand
        (4, {}, True),
        (None, {}, False),  # no card
        (4, {"device": "cpu"}, False),
        (4, {"gpu_keep_models": "always"}, False),
        (8, {"gpu_keep_models": "never"}, True),
        (4, {"relation_backend": "embedded"}, False),
        (8, {"relation_backend": "embedded", "gpu_keep_models": "never"}, True),
        (4, {"ollama_host": "http://elsewhere:11434"}, False),
        (4, {"relation_model": "unknown:1b"}, False),
    ],
)
def test_spacy_goes_where_the_llm_has_no_room(
    monkeypatch: pytest.MonkeyPatch,
    server: FakeOllama,
    cache: ModelCache,
    free_gb: float | None,
    own: dict[str, Any],
    goes: bool,
) -> None:
    keeper, other = Keeper(), Keeper()
    cache.kept_by("mentions", keeper.forget)
    cache.kept_by("encoder", other.forget)
    make_room(configured(monkeypatch, server, free_gb, **own), "relations")
    assert (cache.has("mentions"), keeper.kept) == (not goes, not goes)
    assert (cache.has("encoder"), other.kept) == (True, True)
    assert server.generated == []


def test_what_the_server_holds_already_is_counted_once(
    monkeypatch: pytest.MonkeyPatch, server: FakeOllama, cache: ModelCache
) -> None:
    server.vram = {"gemma3:4b": 3 * GB}
    make_room(configured(monkeypatch, server, 4), "relations")
    assert cache.has("mentions")


@pytest.mark.parametrize(
    ("free_gb", "vram", "own", "goes"),
    [
        (2, 4 * GB, {}, True),  # 1.6 GB to fill, and a batch of 32 x 240 tokens takes .8 beside 2 of weights
        (4, 4 * GB, {}, False),
        (2, 0, {}, False),  # nothing to let go
        (8, 4 * GB, {"gpu_keep_models": "never"}, True),
        (2, 4 * GB, {"gpu_keep_models": "always"}, False),
    ],
)
def test_the_llm_goes_where_spacy_has_no_room(
    monkeypatch: pytest.MonkeyPatch,
    server: FakeOllama,
    cache: ModelCache,
    free_gb: float,
    vram: int,
    own: dict[str, Any],
    goes: bool,
) -> None:
    cache.clear()
    server.vram = {"gemma3:4b": vram} if vram else {}
    make_room(configured(monkeypatch, server, free_gb, **own), "mentions")
    assert server.generated == ([{"model": "gemma3:4b", "keep_alive": 0}] if goes else [])


def test_a_server_that_is_away_holds_nothing(monkeypatch: pytest.MonkeyPatch, cache: ModelCache) -> None:
    away = FakeOllama(url="http://127.0.0.1:1")
    with pytest.raises(ServiceUnavailableError, match=r"/api/ps: ConnectError.*ollama serve"):
        held_vram_bytes(away.url, "gemma3:4b")
    make_room(configured(monkeypatch, away, 2), "mentions")


def test_keeper_that_is_gone_is_not_asked(cache: ModelCache) -> None:
    cache.kept_by("mentions", Keeper().forget)
    assert cache.forget("mentions") == ["en_core_web_trf"]
    assert cache.forget("mentions") == []


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://[::1]:11434", True),
        ("localhost:11434", True),
        ("http://ollama:11434", False),
    ],
)
def test_where_a_server_is(host: str, here: bool) -> None:
    assert is_on_this_machine(host) is here


@pytest.mark.ollama
@pytest.mark.slow
def test_a_real_server_lets_go_of_a_model(ollama_server: Any) -> None:
    """On a machine without a GPU it holds nothing of one; that it has unloaded the model, it tells itself."""
    from ollama import AsyncClient

    async def loaded() -> list[str | None]:
        async with AsyncClient(ollama_server.host) as client:
            return [entry.model for entry in (await client.ps()).models]

    async def load() -> None:
        async with AsyncClient(ollama_server.host) as client:
            await client.generate(model=ollama_server.model, prompt="")

    asyncio.run(load())
    assert ollama_server.model in asyncio.run(loaded())
    assert held_vram_bytes(ollama_server.host, ollama_server.model) >= 0
    let_go(ollama_server.host, ollama_server.model)
    assert ollama_server.model not in asyncio.run(loaded())
