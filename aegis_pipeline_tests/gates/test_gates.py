"""Each gate passes what is good and fails, with its evidence, on the fault that it is for and on no other."""

from dataclasses import fields, replace
from typing import Any

import pytest

from aegis_pipeline.gates import (
    Verdict,
    degraded_fraction,
    documents_parse_rate,
    graph_counts_match,
    legacy_documents_extracted,
    relation_endpoints_exist,
    vram_budget,
)
from aegis_pipeline.graph import GraphCounts
from aegis_pipeline.records import DeadLetter, DocumentStatus, ManifestRow, Outcome, Relation, Span

NODES = {"ent-a", "ent-b"}
CHUNKS = {"d-chunk-000": Span(10, 50)}
RELATION = Relation("d", "d-chunk-000", "ent-a", "ent-b", "employer", "P108", 0.5, Span(10, 50), "test/1")
COUNTS = GraphCounts(2, 3, 4, 5, 6)


def _rows(**counts: int) -> list[ManifestRow]:
    return [ManifestRow(f"{status}-{n}", "d", DocumentStatus(status)) for status, k in counts.items() for n in range(k)]


@pytest.mark.parametrize(
    ("rows", "rate", "passed", "warning"),
    [
        ({"parsed": 9, "malformed": 1}, 0.9, True, False),
        ({"parsed": 8, "malformed": 1, "timed_out": 1}, 0.8, True, True),
        ({"parsed": 4, "encrypted": 6}, 0.4, False, True),
        ({"malformed": 1}, 0.0, False, True),
        ({}, 1.0, True, False),
        ({"unsupported_format": 9, "empty": 9, "refused": 9, "unsupported_language": 9}, 1.0, True, False),
        ({"parsed": 1, "unsupported_format": 99}, 1.0, True, False),
    ],
)
def test_gates_parse_rate(rows: dict[str, int], rate: float, passed: bool, warning: bool) -> None:
    verdict = documents_parse_rate(_rows(**rows), minimum=0.5, warn_below=0.9)
    assert (verdict.evidence["rate"], verdict.passed, verdict.warning) == (rate, passed, warning)
    assert {status: verdict.evidence[status] for status in rows} == rows


@pytest.mark.parametrize("status", DocumentStatus)
def test_gates_parse_rate_counts_every_failure_and_nothing_else(status: DocumentStatus) -> None:
    verdict = documents_parse_rate(_rows(parsed=1, **({status.value: 1} if status != "parsed" else {})), 0.9, 0.9)
    assert verdict.passed is not status.is_parse_failure


def test_gates_endpoints_pass_what_is_good() -> None:
    verdict = relation_endpoints_exist([RELATION], NODES, CHUNKS)
    assert verdict.passed
    assert verdict.evidence == {"relations": 1, "missing_head": 0, "missing_tail": 0, "missing_evidence": 0}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"head": "ent-z"}, "head"),
        ({"tail": "ent-z"}, "tail"),
        ({"chunk_id": "e-chunk-000"}, "evidence"),
        ({"evidence": Span(9, 20)}, "evidence"),
        ({"evidence": Span(20, 51)}, "evidence"),
        ({"evidence": Span(20, 20)}, "evidence"),
    ],
)
def test_gates_endpoints_fail_on_one_fault(fault: dict[str, Any], kind: str) -> None:
    verdict = relation_endpoints_exist([RELATION, replace(RELATION, **fault)], NODES, CHUNKS)
    assert not verdict.passed
    wrong = {name: count for name, count in verdict.evidence.items() if name != "relations" and count}
    assert wrong == {f"missing_{kind}": 1}


def test_gates_counts_pass_what_is_equal() -> None:
    assert graph_counts_match(COUNTS, COUNTS).passed


@pytest.mark.parametrize("name", [field.name for field in fields(GraphCounts)])
@pytest.mark.parametrize("by", [-1, 1])
def test_gates_counts_fail_on_any_difference(name: str, by: int) -> None:
    found = replace(COUNTS, **{name: getattr(COUNTS, name) + by})
    verdict = graph_counts_match(COUNTS, found)
    assert not verdict.passed
    assert verdict.evidence[f"found_{name}"] == verdict.evidence[f"expected_{name}"] + by
    assert f"{getattr(found, name)} of {getattr(COUNTS, name)} {name}" in verdict.description


def test_gates_verdict_has_four_parts() -> None:
    assert [field.name for field in fields(Verdict)] == ["passed", "warning", "description", "evidence"]


@pytest.mark.parametrize(
    ("entities", "passed", "warning"),
    [
        ({"a": 3, "b": 1}, True, False),
        ({"a": 3, "b": 0}, True, True),
        ({"a": 0, "b": 0}, True, True),
        ({"a": 3}, True, True),
        ({"other": 3}, False, True),
        ({}, False, True),
    ],
)
def test_gates_legacy_documents(entities: dict[str, int], passed: bool, warning: bool) -> None:
    verdict = legacy_documents_extracted(["a", "b"], entities)
    assert (verdict.passed, verdict.warning) == (passed, warning)
    assert verdict.evidence["missing"] == 2 - len(entities.keys() & {"a", "b"})
    assert legacy_documents_extracted([], {}).passed


@pytest.mark.parametrize(
    ("lost", "instead", "by_regex", "allowed", "passed", "warning"),
    [
        (0, 0, 0, True, True, False),
        (1, 0, 0, True, True, True),
        (2, 0, 0, True, False, True),
        (1, 1, 0, True, True, True),
        (0, 100, 0, True, True, True),
        (0, 0, 2, True, False, True),
        (2, 0, 2, True, False, True),
        (0, 1, 0, False, True, True),
        (1, 1, 0, False, False, True),
        (0, 100, 0, False, False, True),
    ],
)
def test_gates_degraded_fraction(
    lost: int, instead: int, by_regex: int, allowed: bool, passed: bool, warning: bool
) -> None:
    """A hundred chunks of a document each."""
    letters = [
        DeadLetter(f"d{n}", f"c{n}", Outcome.UNAVAILABLE, "busy", "", 3, "hash", "" if n < lost else "embedded")
        for n in range(lost + instead)
    ]
    chunks = {f"c{n}": f"d{n}" for n in range(100)}
    verdict = degraded_fraction(chunks, {f"d{n}" for n in range(by_regex)}, letters, 0.01, allow_fallback=allowed)
    assert (verdict.passed, verdict.warning) == (passed, warning)
    counts = {"lost": lost, "read_by_fallback": instead, "mentions_by_regex": by_regex}
    assert verdict.evidence == {**verdict.evidence, **counts}
    assert ("aegis retry" in verdict.description) is bool(letters)
    assert ("aegis doctor" in verdict.description) is bool(by_regex)


def test_gates_degraded_fraction_counts_documents_that_were_lost_whole_and_warns_of_names_not_linked() -> None:
    chunks = {f"c{n}": f"d{n // 2}" for n in range(100)}
    unlinked = degraded_fraction(chunks, (), (), 0.01, allow_fallback=True, unlinked_documents=set(chunks.values()))
    assert (unlinked.passed, unlinked.warning, unlinked.evidence["names_not_linked"]) == (True, True, 100)
    unread = degraded_fraction(chunks, (), (), 0.01, allow_fallback=True, unread_documents={"d7"})
    assert (unread.passed, unread.evidence["lost"], unread.evidence["fraction"]) == (False, 2, 0.02)


def test_gates_degraded_fraction_of_nothing_passes() -> None:
    assert degraded_fraction({}, (), (), 0.0, allow_fallback=False).passed


def test_vram_budget_warns_of_the_phase_that_held_too_much() -> None:
    peaks = {"ner_entities": 8_200_000_000, "relations": 700_000_000}
    verdict = vram_budget(peaks, 8)
    assert (verdict.passed, verdict.warning) == (True, True)
    assert "ner_entities held 8.20 GB" in verdict.description
    assert "EXTRACTION_BATCH_SIZE" in verdict.description
    assert verdict.evidence == {"peak_gb_of_ner_entities": 8.2, "peak_gb_of_relations": 0.7, "budget_gb": 8}
    assert not vram_budget(peaks, 8.2).warning


def test_vram_budget_says_that_no_gpu_was_used() -> None:
    assert vram_budget({}, 8) == Verdict(True, False, "No phase of this batch used a GPU.", {"budget_gb": 8})
