"""What is called worse: a planted slowdown and a planted loss of F1, and never the same code measured again."""

import random
import re

import pytest
from pydantic import ValidationError

from aegis_pipeline.benchmarks.matrix.regressions import Limits, Verdict, changes, summary
from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults, Figures
from aegis_pipeline.benchmarks.report import charts, page

VARIANT = "three_phase-embedded-cpu"
LEGACY = "legacy-q8_0-cpu"
SCENARIOS = ("small", "batch_50")
SCATTER = 0.05


def results(seed=0, slower=1.0, f1=0.8, failed=0, variant=VARIANT, **made_with):
    rng = random.Random(seed)
    cells = [cell(rng, variant, scenario, slower, f1, failed, made_with) for scenario in SCENARIOS]
    return BenchmarkResults(command="aegis benchmark run", seed=1, cells=cells)


def cell(rng, variant, scenario, slower, f1, failed, made_with):
    values = [10 * slower * rng.uniform(1 - SCATTER, 1 + SCATTER) for _ in range(3)]
    cost = {"wall_seconds": {"values": values}, "cpu_seconds": {"values": values}}
    counts = {"tp": 8, "fp": 2, "fn": 2, "precision": f1, "recall": f1, "f1": f1}
    kinds = ("identity", "named_mentions", "related_pairs")
    figures = {
        "documents": 50,
        "words": 9_000,
        "failed": failed,
        "degraded": 0,
        "load": cost,
        "phases": {"mentions": cost, "entities": cost, "relations": cost},
        "total": cost,
        "peak_ram_bytes": 2**30,
        "calls": 0,
        "prompt_tokens": 0,
        "answer_tokens": 0,
        "entities": 5,
        "relations": 5,
        "quality": dict.fromkeys(kinds, counts),
        "machine": "x86_64, 2 threads, no GPU",
        "versions": {"python": "3"},
        "made_with": {"data": {"sha256": "ab"}, **made_with},
    }
    return {"variant": variant, "scenario": scenario, "status": "measured", "command": "aegis", "figures": figures}


def worse(old, new):
    return {change.figure for change in changes(old, new, Limits()) if change.verdict is Verdict.WORSE}


@pytest.mark.parametrize("seed", range(1, 11))
def test_ten_repeats_of_the_same_code_are_not_worse(seed):
    assert not worse(results(0), results(seed))


@pytest.mark.parametrize("seed", range(1, 11))
def test_a_slowdown_by_thirty_percent_is_caught(seed):
    assert worse(results(0), results(seed, slower=1.3)) == {"seconds"}
    assert not worse(results(0, slower=1.3), results(seed))


def test_a_loss_of_f1_is_caught():
    lost = worse(results(0), results(1, f1=0.75))
    assert lost == {"F1 of identity", "F1 of named_mentions", "F1 of related_pairs"}


def test_more_failed_documents_and_lost_cells_are_caught():
    assert worse(results(0), results(1, failed=1)) == {"failed documents"}
    one = results(1)
    assert worse(results(0), one.model_copy(update={"cells": one.cells[:1]})) == {"measured"}


def test_times_of_another_machine_and_findings_in_other_documents_are_not_compared():
    old, new = results(0), results(1, slower=2, f1=0.1, data={"sha256": "cd"})
    found = changes(old, new, Limits())
    assert {change.verdict for change in found} == {Verdict.NOT_COMPARED, Verdict.SAME}
    assert "another machine or documents" in summary(found)


def test_a_row_without_digest_and_server_version_is_refused():
    with pytest.raises(ValidationError, match="not proven"):
        results(0, unproven="the server tells no digest")
    with pytest.raises(ValidationError, match="names none"):
        Figures(**{**results(0).cells[0].figures.model_dump(), "calls": 3})


def test_the_report_names_every_target_with_a_figure_or_the_command_that_measures_it():
    both = results(0)
    both = both.model_copy(update={"cells": both.cells + results(1, slower=4, variant=LEGACY).cells})
    text = page(both)
    assert "| small documents a minute | ≥ 10 | 3" in text
    assert "not measured here: `aegis benchmark run --scenario large --variant three_phase-embedded-cpu`" in text
    assert "| related pairs, F1 over the baseline's | ≥ 90 % | 100 %, met |" in text
    assert set(charts(both)) == {"benchmark-phases.svg"}


def test_the_growth_of_the_cost_is_told():
    scales = [cell(random.Random(1), VARIANT, f"scale_{count}", 1, 0.8, 0, {}) for count in (50, 200)]
    text = page(BenchmarkResults(command="aegis", seed=1, cells=scales))
    assert f"`{VARIANT}`: a document costs" not in text  # both have fifty documents here
    scales[1]["figures"]["documents"] = 200
    text = page(BenchmarkResults(command="aegis", seed=1, cells=scales))
    assert re.search(r"in a batch of 50, 0\.0\d\d s in one of 200: 0\.2\d times as much", text)


def test_an_empty_result_file_still_gives_a_page():
    assert "not measured here" in page(BenchmarkResults(command="aegis benchmark run", seed=1, cells=()))
