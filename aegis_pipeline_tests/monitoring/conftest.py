"""A home in which three batches ran, the monitor of that home as a service, and a Prometheus that scrapes it."""

import importlib
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import httpx
import pytest
import uvicorn
import yaml

from aegis_pipeline import definitions
from aegis_pipeline.defs.home import prepare_home
from aegis_pipeline.defs.launch import run_batch
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.defs.resources import EncoderResource, NerModelResource, RelationExtractorResource
from aegis_pipeline.defs.summaries import RunSummary
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.monitoring.app import build_app
from aegis_pipeline.monitoring.collector import build_registry
from aegis_pipeline.monitoring.components import probes
from aegis_pipeline.monitoring.health import Health
from aegis_pipeline.pipeline.stores import document_lake
from aegis_pipeline.records import Outcome
from aegis_pipeline.settings import Settings, settings
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.phases import FakeMentionExtractor, FakeRelationExtractor
from aegis_pipeline_tests.servers.process import Recipe, ServerProcess, free_port, temporary_home

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
TEXTS = (
    "Sebastian de Ferranti founded Ferranti in 1885. The company was based in Manchester.",
    "Tom Kilburn met Geoff Tootill in Manchester. Kilburn worked for Ferranti.",
    "Maurice Wilkes built EDSAC in Cambridge. He was born in Dudley.",
)
RUNS = ("good", "degraded", "failed")
BROKEN = b"%PDF-1.7\nthe rest is missing"
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Watched:
    """A home, its Dagster instance, and the runs ``good``, ``degraded`` and ``failed``, each of its own batch."""

    settings: Settings
    instance: dg.DagsterInstance
    runs: dict[str, RunSummary] = field(default_factory=dict)

    @property
    def lake(self) -> DocumentLake:
        """What the runs have made."""
        return document_lake(self.settings)


@dataclass(frozen=True)
class Home:
    """Where batches run, with fakes for models."""

    root: Path
    patch: pytest.MonkeyPatch
    watched: Watched

    def run(self, name: str) -> None:
        """A batch ``good``, ``degraded`` (read in a lesser way, and without a broken file) or ``failed``."""
        folder = self.root / name
        folder.mkdir()
        for number, text in enumerate(() if name == "failed" else TEXTS):
            (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        if name != "good":
            (folder / "scan.pdf").write_bytes(BROKEN)
        fake = FakeMentionExtractor(outcome=Outcome.DEGRADED if name == "degraded" else Outcome.OK)
        self.patch.setattr(NerModelResource, "extractor", lambda *_: fake)
        summary = run_batch(batch_key(folder), folder, self.watched.settings)
        assert summary.success is (name != "failed"), (summary.error, summary.gates)
        self.watched.runs[name] = summary


@contextmanager
def home_at(root: Path) -> Iterator[Home]:
    """A home in which nothing has run yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AEGIS_HOME", str(root / "home"))
        patch.setenv("DAGSTER_HOME", str(root / "home" / "dagster"))
        patch.setenv("MAX_DEGRADED_FRACTION", "1")
        patch.setattr(EncoderResource, "encoder", lambda *_: FakeEncoder())
        patch.setattr(RelationExtractorResource, "extractor", lambda *_: FakeRelationExtractor())
        settings.cache_clear()
        importlib.reload(definitions)  # the resources' defaults are those of this home
        prepare_home(settings())
        with dg.DagsterInstance.get() as instance:
            yield Home(root, patch, Watched(settings(), instance))
    settings.cache_clear()
    importlib.reload(definitions)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Run once for each module."""
    with home_at(tmp_path_factory.mktemp("watched")) as home:
        for name in RUNS:
            home.run(name)
        yield home.watched


@pytest.fixture(scope="module")
def service(watched: Watched) -> Iterator[str]:
    """The address of the monitor of that home."""
    with serving(watched) as address:
        yield address


@pytest.fixture(scope="module")
def prometheus(service: str) -> Iterator[str]:
    """The address of a Prometheus that has scraped the monitor, with the rules of ``deploy/``."""
    with scraping(service) as address:
        yield address


@contextmanager
def serving(watched: Watched) -> Iterator[str]:
    """The monitor of the home as a service; its address."""
    health = Health(probes(watched.settings, watched.instance))
    app = build_app(build_registry(watched.settings, watched.instance), health, "three_phase")
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(f"http://127.0.0.1:{port}/health/live")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def scraping(service: str) -> Iterator[str]:
    """A Prometheus that scrapes the service every second, and has done so once; its address."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("no Prometheus; install it, as by `apt-get install prometheus`")
    home, address = temporary_home("prometheus"), f"127.0.0.1:{free_port()}"
    (home / "prometheus.yml").write_text(_configuration(service), encoding="utf-8")
    told = (f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data")
    command = (program, *told, f"--web.listen-address={address}")
    started = ServerProcess(Recipe(address, home, command, "Server is ready to receive web requests"))
    started.start()
    try:
        wait_for(f"http://{address}/api/v1/query?query=up == 1", '"metric":{')
        yield f"http://{address}"
    finally:
        started.close()


def _configuration(service: str) -> str:
    """That of ``deploy/``, with a shorter interval and another target."""
    configured = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    configured["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configured["rule_files"] = [str(DEPLOY / name) for name in configured["rule_files"]]
    configured["scrape_configs"][0]["static_configs"] = [{"targets": [service.removeprefix("http://")]}]
    return str(yaml.safe_dump(configured))


def wait_for(url: str, text: str = "") -> None:
    """Until ``url`` answers with ``text``."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            if text in httpx.get(url, timeout=30).text:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, url
        time.sleep(0.1)
