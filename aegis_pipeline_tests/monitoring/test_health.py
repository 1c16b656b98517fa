"""Health: what each part says when it is down, that a probe that hangs holds nobody up, and how the service ends."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
import httpx
import pytest
from prometheus_client import CollectorRegistry

from aegis_pipeline.errors import ServiceUnavailableError
from aegis_pipeline.monitoring import components
from aegis_pipeline.monitoring.app import build_app
from aegis_pipeline.monitoring.components import Probe, Probed, State, probes
from aegis_pipeline.monitoring.health import Health
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.monitoring.conftest import wait_for
from aegis_pipeline_tests.servers.process import free_port

SECRET = "hunter2"
NEO4J = {"GRAPH_STORAGE": "neo4j", "NEO4J_URI": "bolt://127.0.0.1:1"}
LLM = {"RELATION_BACKEND": "ollama", "OLLAMA_HOST": "http://127.0.0.1:1"}


def told(state: State) -> Probe:
    return lambda: Probed(state, "1", "as the test says")


def hangs(until: threading.Event) -> Probe:
    def probe() -> Probed:
        until.wait(60)
        return told(State.HEALTHY)()

    return probe


async def get(path: str, health: Health, times: int = 1) -> list[httpx.Response]:
    app = build_app(CollectorRegistry(), health, "three_phase")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://monitor") as client:
        return await asyncio.gather(*(client.get(path) for _ in range(times)))


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as made:
        yield made


@pytest.mark.parametrize(
    ("environment", "component", "state"),
    [
        ({"SPACY_MODEL": "./nowhere"}, "spacy", State.UNHEALTHY),
        ({"ENCODER_MODEL": "./nowhere"}, "deduplicator", State.UNHEALTHY),
        ({"RELATION_SCHEMA": "nowhere.yaml"}, "relations", State.UNHEALTHY),
        ({"READER_MODEL": "./nowhere"}, "relations", State.UNHEALTHY),
        (NEO4J, "graph", State.UNHEALTHY),
        ({"AEGIS_HOME": f"{__file__}/home"}, "graph", State.UNHEALTHY),
        ({"DEVICE": "cuda"}, "gpu", State.UNHEALTHY),
        ({**LLM, "RELATION_FALLBACK": "none"}, "gemma", State.UNHEALTHY),
        (LLM, "gemma", State.DEGRADED),
        ({}, "dagster_daemon", State.DEGRADED),
    ],
)
async def test_a_component_that_is_down_says_so_and_what_to_do_and_no_secret(
    environment: Mapping[str, str],
    component: str,
    state: State,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(components, "gpu_memory", dict)
    for name, value in {"NEO4J_PASSWORD": SECRET, "OPENAI_API_KEY": SECRET, **environment}.items():
        monkeypatch.setenv(name, value)
    probe = {component: probes(Settings(), instance)[component]}
    (answer,) = await get("/health/extraction", Health(probe, seconds=60))
    found = answer.json()["components"][component]
    assert (found["state"], answer.json()["status"]) == (state.value, state.value), found
    assert answer.status_code == (503 if state is State.UNHEALTHY else 200)
    assert len(found["detail"] + found["remedy"]) > 20
    assert SECRET not in answer.text


def test_gemma_is_a_component_only_where_an_llm_is_asked(instance: dg.DagsterInstance) -> None:
    names = {"spacy", "deduplicator", "relations", "graph", "dagster_daemon", "gpu"}
    assert probes(Settings(), instance).keys() == names
    assert probes(Settings(relation_backend="openai"), instance).keys() == {*names, "gemma"}


async def test_the_answer_is_the_worst_of_its_components() -> None:
    def unexpected() -> Probed:
        raise RuntimeError(f"the password is {SECRET}")

    def away() -> Probed:
        raise ServiceUnavailableError("Start it.")

    parts = {"gpu": told(State.HEALTHY), "gemma": told(State.DEGRADED)}
    (degraded,) = await get("/health/extraction", Health(parts))
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    (worse,) = await get("/health/extraction", Health({**parts, "spacy": unexpected, "graph": away}))
    assert (worse.status_code, worse.json()["status"]) == (503, "unhealthy")
    assert worse.json()["components"]["spacy"]["detail"] == "the probe failed: RuntimeError"
    assert worse.json()["components"]["graph"]["detail"] == "Start it."
    assert SECRET not in worse.text


async def test_ready_asks_for_the_graph_alone_and_live_for_nothing() -> None:
    without_model = Health({"spacy": told(State.UNHEALTHY), "graph": told(State.HEALTHY)})
    without_graph = Health({"spacy": told(State.HEALTHY), "graph": told(State.UNHEALTHY)})
    assert [answer.status_code for answer in await get("/health/ready", without_model)] == [200]
    assert [answer.status_code for answer in await get("/health/ready", without_graph)] == [503]
    assert [answer.status_code for answer in await get("/health/live", without_graph)] == [200]


async def test_a_probe_that_hangs_has_one_thread_and_holds_no_request_up() -> None:
    until = threading.Event()
    health = Health({"graph": hangs(until), "gpu": told(State.HEALTHY)}, seconds=0.2, kept_seconds=0)
    answers = await get("/health/extraction", health, times=20)
    answers += await get("/health/extraction", health)
    assert {answer.status_code for answer in answers} == {503}
    parts = [answer.json()["components"] for answer in answers]
    assert {part["graph"]["detail"] for part in parts} == {"no answer in 0.2 s"}
    assert {part["gpu"]["state"] for part in parts} == {"healthy"}
    (hanging,) = [thread for thread in threading.enumerate() if thread.name == "probe of graph"]
    assert hanging.daemon  # or the process could not end
    until.set()
    hanging.join()
    assert [answer.status_code for answer in await get("/health/extraction", health)] == [200]


async def test_answers_are_kept_for_some_seconds() -> None:
    asked = []
    health = Health({"graph": lambda: asked.append(1) or told(State.HEALTHY)()}, kept_seconds=60)
    for _ in range(2):
        await get("/health/ready", health, times=5)
    assert len(asked) == 1


def test_a_signal_ends_the_service_in_order(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "AEGIS_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path / "dagster")}
    aegis = Path(sys.executable).with_name("aegis")
    with subprocess.Popen([aegis, "monitor", "--port", str(port)], env=environment, stderr=subprocess.PIPE) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/health/live", "healthy")
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, said
    assert b"Traceback" not in said
