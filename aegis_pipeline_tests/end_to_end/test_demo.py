"""``make demo``'s job as a user runs it: the command itself, real models, and the graph read back through LightRAG."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.records import QueryMode

pytestmark = [pytest.mark.models, pytest.mark.dagster, pytest.mark.slow]

AEGIS = str(Path(sys.executable).with_name("aegis"))
Aegis = Callable[..., "subprocess.CompletedProcess[str]"]
QUESTION = "Where did Maurice Wilkes study, and when was he born?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def aegis(home: Path, typed_aegis: dict[str, str]) -> Aegis:
    environment = {**os.environ, **typed_aegis, "AEGIS_HOME": str(home / ".aegis")}
    environment.pop("DAGSTER_HOME", None)

    def run(*arguments: str, program: str = "aegis") -> "subprocess.CompletedProcess[str]":
        command = [program, *arguments]
        return subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=280)

    return run


@pytest.fixture(scope="module")
def demo(aegis: Aegis) -> "subprocess.CompletedProcess[str]":
    """By the program that is installed; what follows has its imports made."""
    return aegis("demo", program=AEGIS)


def test_demo_says_what_it_did(demo: "subprocess.CompletedProcess[str]") -> None:
    assert demo.returncode == 0, demo.stderr
    for row in ("documents", "chunks", "mentions", "entities", "aliases merged", "relations", "graph nodes"):
        assert row in demo.stdout
    assert "gates passed: 9 of 9" in demo.stdout
    assert "Cambridge Processor Unit Ltd was registered on 5 December 1978" in demo.stdout
    assert "companies/acorn.pdf:" in demo.stdout
    assert "mentions: " in demo.stderr


def test_demo_twice_leaves_the_graph_as_it_was(demo: object, aegis: Aegis, home: Path) -> None:
    generations = Generations(home / ".aegis" / "graph")
    before = generations.current
    again = aegis("demo")
    assert again.returncode == 0
    assert before is not None
    assert generations.current == before


@pytest.mark.parametrize("mode", list(QueryMode))
def test_query_answers_in_every_mode(demo: object, aegis: Aegis, mode: QueryMode) -> None:
    result = aegis("query", QUESTION, "--mode", mode.value, "--format", "json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["passages"]
    assert answer["sentences"]
    assert all(passage["source"]["path"] for passage in answer["passages"])
    found = mode is not QueryMode.NAIVE
    assert bool(answer["entities"]) is found
    assert bool(answer["relations"]) is found


def test_manifest_has_every_sample(demo: object, aegis: Aegis) -> None:
    rows = [json.loads(line) for line in aegis("manifest", "--format", "jsonl").stdout.splitlines()]
    assert len(rows) == 14
    assert {row["status"] for row in rows} == {"parsed"}
    assert {row["format"] for row in rows} == {"txt", "md", "html", "pdf", "docx"}
    assert sum(row["path"].endswith("readme.md") for row in rows) == 2
    assert all(row["mentions"] and row["chunks"] and row["entities"] for row in rows)


def test_graph_is_written_out(demo: object, aegis: Aegis, home: Path) -> None:
    import networkx as nx

    assert aegis("graph", "--format", "json", "--out", "graph.json").returncode == 0
    assert aegis("graph", "--format", "graphml", "--out", "graph.graphml").returncode == 0
    graph = json.loads((home / "graph.json").read_text(encoding="utf-8"))
    network = nx.read_graphml(home / "graph.graphml")
    assert {node["key"] for node in graph["nodes"]} == set(network.nodes)
    assert all(edge["statements"] for edge in graph["edges"])


def test_doctor_finds_all_that_the_embedded_profile_needs(demo: object, aegis: Aegis) -> None:
    result = aegis("doctor")
    assert result.returncode == 0, result.stdout
    assert "MISSING" not in result.stdout
    assert result.stdout.count("hash verified") == 2
