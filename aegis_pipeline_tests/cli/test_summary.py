"""What a run prints: counts, gates, what degraded, and why it failed."""

import pytest

from aegis_pipeline.cli.console import one_line
from aegis_pipeline.cli.run import print_summary
from aegis_pipeline.defs.summaries import Gate, RunSummary

RAW = {"dagster/partition_row_count": 1234, "aegis/chunks": 5, "aegis/seconds": 1.26, "aegis/files/malformed": 3}
NER = {"dagster/partition_row_count": 7, "aegis/degraded": 2, "aegis/degradations": "- 2 document(s): no model"}


def printed(capsys: pytest.CaptureFixture[str], **changes: object) -> str:
    values = {"success": True, "assets": {"raw_documents": RAW}, "gates": (), "error": None, **changes}
    print_summary(RunSummary(batch="b", run_id="r", correlation_id="c", **values))  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_summary_counts_and_names_what_was_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys)
    assert "1,234" in text
    assert "1.3" in text
    assert "not read: 3 malformed" in text


def test_summary_shows_what_degraded(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, assets={"ner_entities": NER})
    assert "degraded: ner_entities, 2 document(s)" in text
    assert "no model" in text


def test_summary_names_overrides_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    entities = {"aegis/overrides_unmatched": 1, "aegis/unmatched_names": "'Feranti'"}
    assert "overrides of names not in this batch: 'Feranti'" in printed(
        capsys, assets={"deduplicated_entities": entities}
    )
    nothing = {"aegis/overrides_unmatched": 0, "aegis/unmatched_names": "none"}
    assert "overrides" not in printed(capsys, assets={"deduplicated_entities": nothing})


def test_summary_shows_what_was_kept(capsys: pytest.CaptureFixture[str]) -> None:
    kept = {"raw_documents": {**RAW, "aegis/documents/kept": 1233}, "ner_entities": {"aegis/documents/kept": 0}}
    assert "kept from earlier runs: chunks of 1,233 document(s), mentions of 0 document(s)" in printed(
        capsys, assets=kept
    )
    assert "kept" not in printed(capsys, assets={"ner_entities": {**NER, "aegis/documents/kept": 0}})


def test_summary_tells_the_state_of_the_graph_after_a_gate(capsys: pytest.CaptureFixture[str]) -> None:
    gate = Gate("documents_parse_rate", False, "ERROR", "1 of 9 parsed")
    before = printed(capsys, success=False, gates=(gate,))
    assert "documents_parse_rate (ERROR): 1 of 9 parsed" in before
    assert "The graph is as it was" in before
    after = printed(capsys, success=False, gates=(gate,), assets={"knowledge_graph": _graph()})
    assert "does not hold what it should" in after


def test_summary_tells_what_the_legacy_arm_did_and_whose_fault_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    legacy = {
        **{f"aegis/documents/{kind}": 1 for kind in ("computed", "kept", "removed", "failed")},
        **{f"aegis/{name}": 2 for name in ("chunks", "entities", "edges", "llm/calls", "seconds")},
        "dagster/uri": "there",
    }
    text = printed(capsys, assets={"legacy_graph": legacy})
    assert "lightrag_default: 2 chunks, 2 entities, 2 edges in there" in text
    assert "1 computed, 1 kept, 1 removed, 1 failed; 2 LLM calls, 2.0 s" in text
    both = {"legacy_graph": legacy, "knowledge_graph": _graph()}
    gate = "legacy_graph_legacy_documents_extracted"
    assert "holds what it should" in printed(capsys, success=False, assets=both, failed_steps=frozenset({gate}))
    ours = frozenset({gate, "knowledge_graph_graph_counts_match"})
    assert "does not hold what it should" in printed(capsys, success=False, assets=both, failed_steps=ours)


def _graph() -> dict[str, object]:
    return {f"aegis/documents/{kind}": 0 for kind in ("added", "changed", "removed")}


def test_summary_says_why_a_run_failed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "failed: InputError: no folder" in printed(capsys, success=False, error="InputError: no folder")


def test_one_line_shows_control_characters() -> None:
    assert one_line("a\x1b[31m\nb") == r"a\x1b[31m\x0ab"
