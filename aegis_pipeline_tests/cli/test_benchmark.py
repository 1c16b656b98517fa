"""``aegis benchmark``: a cell from documents to the report, and the comparison's exit status."""

import json

import pytest
from typer.testing import CliRunner

from aegis_pipeline.benchmarks.matrix.files import cells
from aegis_pipeline.benchmarks.matrix.results import Status
from aegis_pipeline.benchmarks.scoring import load
from aegis_pipeline.cli.main import app
from aegis_pipeline.errors import InputError
from aegis_pipeline.settings import settings

ROUNDED_BY = 0.00005  # seconds: a phase's time, and that of all, each have four places


@pytest.fixture
def aegis(monkeypatch, tmp_path):
    """Run a command in a home of its own; what it sets in the environment is gone afterwards."""
    monkeypatch.setenv("AEGIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    for name in ("BENCHMARK_REPEATS", "BENCHMARK_SEED", "BENCHMARK_GOLD"):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(app, ["benchmark", *map(str, words)])
    settings.cache_clear()


def test_documents_are_files_with_their_gold_beside_them(aegis, tmp_path):
    folder = tmp_path / "stories"
    assert aegis("documents", "small", folder, "--seed", 5).exit_code == 0
    gold = load(tmp_path / "stories.jsonl")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        key: document["text"] for key, document in gold.items()
    }
    assert isinstance(aegis("documents", "small", folder).exception, InputError)


def test_an_unknown_variant_or_scenario_names_the_valid_ones(aegis):
    assert "valid are three_phase-embedded-cpu" in str(aegis("run", "--variant", "best").exception)
    assert "valid are small" in str(aegis("run", "--scenario", "huge").exception)


def test_what_is_no_result_file_is_named(aegis, tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text("{}")
    assert "is no result file" in str(aegis("compare", path, path).exception)


@pytest.mark.models
@pytest.mark.dagster
@pytest.mark.timeout(300)
def test_a_cell_is_measured_scored_reported_and_compared(aegis, tmp_path):
    aegis("documents", "small", tmp_path / "stories")
    line = (tmp_path / "stories.jsonl").read_text(encoding="utf-8").partition("\n")[0]
    (tmp_path / "own.jsonl").write_text(line + "\n", encoding="utf-8")
    variants = ("--variant", "three_phase-embedded-cpu", "--variant", "legacy-q8_0-cpu")
    ran = aegis("run", "--gold", tmp_path / "own.jsonl", "--repeat", 1, *variants)
    assert ran.exit_code == 0, ran.exception

    measured, missing = cells(settings())
    assert (missing.status, measured.status) == (Status.NOT_RUN, Status.MEASURED)
    assert "No Ollama server answers" in missing.reason
    figures = measured.figures
    assert figures.documents == 1
    assert set(figures.phases) == {"documents", "chunks", "mentions", "entities", "relations", "graph"}
    spent = sum(cost.wall_seconds.median for cost in figures.phases.values())
    rounded = (len(figures.phases) + 1) * ROUNDED_BY
    assert spent <= figures.total.wall_seconds.median + rounded
    assert figures.quality.mentions.tp > 0
    assert figures.made_with["data"]["documents"] == "0-0"

    assert aegis("report", "--out", tmp_path / "report").exit_code == 0
    results = tmp_path / "report" / "results" / "benchmark_results_sprint14.json"
    page = (tmp_path / "report" / "PERFORMANCE_BENCHMARKS.md").read_text(encoding="utf-8")
    assert "| `three_phase-embedded-cpu` | gold | 1 |" in page
    assert "No Ollama server answers" in page

    assert aegis("compare", results, results).exit_code == 0
    worse = json.loads(results.read_text(encoding="utf-8"))
    worse["cells"][0]["figures"]["failed"] = 1
    (tmp_path / "worse.json").write_text(json.dumps(worse), encoding="utf-8")
    assert aegis("compare", results, tmp_path / "worse.json", "--summary", tmp_path / "summary.md").exit_code == 1
    assert "**1 of" in (tmp_path / "summary.md").read_text(encoding="utf-8")
