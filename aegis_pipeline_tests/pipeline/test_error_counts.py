"""Errors by type and severity: all that can happen has a type, and nothing is counted twice or left out."""

from aegis_pipeline.defs.metadata import error_metadata, outcome_metadata
from aegis_pipeline.llm.faults import Fault
from aegis_pipeline.pipeline.error_counts import ErrorType, errors_of_files, errors_of_legacy, errors_of_phase
from aegis_pipeline.records import DeadLetter, DocumentStatus, ManifestRow, Outcome, PhaseOutcome


def letter(document_id: str, fault: Fault) -> DeadLetter:
    return DeadLetter(document_id, f"{document_id}-0", Outcome.UNAVAILABLE, fault.value, "", 3, "")


def test_all_that_can_go_wrong_has_a_type() -> None:
    statuses = {status.value for status in DocumentStatus if status.is_parse_failure}
    outcomes = {outcome.value for outcome in Outcome} - {"ok", "empty"}
    faults = {fault.value for fault in Fault}
    assert statuses | outcomes | faults | {"extraction_failed"} == {kind.value for kind in ErrorType}


def test_a_lost_document_is_its_dead_letters_and_else_one_error() -> None:
    outcomes = [
        PhaseOutcome("fine", Outcome.OK),
        PhaseOutcome("nothing", Outcome.EMPTY),
        PhaseOutcome("lesser", Outcome.DEGRADED, "by the fallback"),
        PhaseOutcome("lettered", Outcome.UNAVAILABLE),
        PhaseOutcome("lost", Outcome.UNAVAILABLE),
    ]
    letters = [letter("lettered", Fault.BUSY), letter("lettered", Fault.BUSY), letter("lesser", Fault.CUT)]
    expected = {
        "aegis/errors/busy/error": 2,
        "aegis/errors/cut/error": 1,
        "aegis/errors/degraded/warning": 1,
        "aegis/errors/unavailable/error": 1,
    }
    assert error_metadata(errors_of_phase(outcomes, letters)) == expected
    assert expected.items() <= outcome_metadata(outcomes, letters).items()


def test_only_files_that_should_have_been_read_are_errors() -> None:
    statuses = [DocumentStatus.PARSED, DocumentStatus.EMPTY, DocumentStatus.ENCRYPTED, DocumentStatus.ENCRYPTED]
    rows = [ManifestRow(f"{n}.pdf", str(n), status) for n, status in enumerate(statuses)]
    assert error_metadata(errors_of_files(rows)) == {"aegis/errors/encrypted/error": 2}
    assert error_metadata(errors_of_legacy(2)) == {"aegis/errors/extraction_failed/error": 2}
    assert error_metadata(errors_of_legacy(0)) == {}
