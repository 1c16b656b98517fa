"""Both arms by the command line, as a user compares them: run, run again, compare, ask, look what is lacking."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline_tests.fakes.llm_server import FERRANTI, serve
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama

pytestmark = [pytest.mark.models, pytest.mark.dagster, pytest.mark.slow]

TEXT = "Sebastian de Ferranti founded Ferranti in 1885. Ferranti was based in Manchester."
GOLD = {
    "id": "a.txt",
    "text": TEXT,
    "mentions": [
        {"start": 0, "end": 21, "type": "PER", "cluster": 0},
        {"start": 30, "end": 38, "type": "ORG", "cluster": 1},
        {"start": 48, "end": 56, "type": "ORG", "cluster": 1},
        {"start": 70, "end": 80, "type": "LOC", "cluster": 2},
    ],
    "relations": [{"head": 1, "tail": 0, "pid": "P112"}, {"head": 1, "tail": 2, "pid": "P159"}],
}
Aegis = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one document, gold for it, and room for a home."""
    root = tmp_path_factory.mktemp("compare")
    (root / "documents").mkdir()
    (root / "documents" / "a.txt").write_text(TEXT, encoding="utf-8")
    (root / "gold.jsonl").write_text(json.dumps(GOLD), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with serve(FakeOllama(answers={"ferranti": FERRANTI})) as running:
        yield running


@pytest.fixture(scope="module")
def aegis(root: Path, ollama: FakeOllama, typed_aegis: dict[str, str]) -> Aegis:
    base = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    base |= {**typed_aegis, "AEGIS_HOME": str(root / "home"), "OLLAMA_HOST": ollama.url}

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = ["aegis", *arguments]
        return subprocess.run(command, env={**base, **settings}, cwd=root, capture_output=True, text=True, timeout=280)

    return run


@pytest.fixture(scope="module")
def both(aegis: Aegis) -> "subprocess.CompletedProcess[str]":
    return aegis("run", "documents", ENABLE_LEGACY_EXTRACTION="true")


def test_run_tells_what_both_arms_did(both: "subprocess.CompletedProcess[str]", root: Path) -> None:
    assert both.returncode == 0, both.stdout + both.stderr
    assert "gates passed: 10 of 10" in both.stdout
    assert f"lightrag_default: 1 chunks, 2 entities, 1 edges in {root / 'home' / 'legacy'}" in both.stdout
    assert "documents: 1 computed, 0 kept, 0 removed, 0 failed; 2 LLM calls" in both.stdout


def test_compare_shows_both_with_time_and_f1(both: object, aegis: Aegis, root: Path) -> None:
    batch = batch_key(root / "documents")
    result = aegis("compare", batch, "--gold", "gold.jsonl", "--format", "json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["figures"]["documents"] == [1, 1]
    assert found["figures"]["entities"] == [4, 2]
    assert found["entities"] == {"three_phase_only": 2, "both": 2, "legacy_only": 0}
    assert all(seconds > 0 for seconds in found["figures"]["seconds"])
    assert all(0 < f1 <= 1 for f1 in found["figures"]["mentions F1"])
    assert found["figures"]["related pairs F1"][1] == pytest.approx(2 / 3, abs=0.001)
    table = aegis("compare", batch).stdout
    assert "three_phase only" in table
    assert "F1" not in table


def test_run_again_asks_the_model_nothing_and_keeps_the_time(both: object, aegis: Aegis, ollama: FakeOllama) -> None:
    asked = len(ollama.chats)
    again = aegis("run", "documents", ENABLE_LEGACY_EXTRACTION="true")
    assert "documents: 0 computed, 1 kept, 0 removed, 0 failed; 0 LLM calls" in again.stdout
    assert len(ollama.chats) == asked


def test_query_asks_the_graph_of_the_chosen_arm(both: object, aegis: Aegis) -> None:
    def entities(**settings: str) -> set[str]:
        result = aegis("query", "Where was Ferranti based?", "--mode", "local", "--format", "json", **settings)
        assert result.returncode == 0, result.stderr
        return {entity["name"] for entity in json.loads(result.stdout)["entities"]}

    assert entities(EXTRACTION_PIPELINE="lightrag_default") <= {"Ferranti", "Manchester"}
    assert "Sebastian de Ferranti" in entities()


def test_run_that_lacks_the_model_says_so_and_doctor_too(aegis: Aegis, root: Path) -> None:
    lacking = {"EXTRACTION_PIPELINE": "lightrag_default", "LEGACY_MODEL": "other:1b", "AEGIS_HOME": str(root / "other")}
    result = aegis("run", "documents", **lacking)
    assert result.returncode == 1
    assert "ollama pull other:1b" in result.stdout
    assert "The graph is as it was" in result.stdout
    doctor = aegis("doctor", **lacking)
    assert doctor.returncode == 1
    assert "ollama pull other:1b" in doctor.stdout


def test_fault_of_the_legacy_arm_beside_ours_leaves_a_graph_that_is_told_to_be_good(aegis: Aegis, root: Path) -> None:
    lacking = {"ENABLE_LEGACY_EXTRACTION": "true", "LEGACY_MODEL": "other:1b", "AEGIS_HOME": str(root / "third")}
    result = aegis("run", "documents", **lacking)
    assert result.returncode == 1
    assert "The graph holds what it should" in result.stdout
    compared = aegis("compare", batch_key(root / "documents"), **lacking)
    assert compared.returncode == 2
    assert "LightRAG's extraction has nothing of batch" in compared.stderr
