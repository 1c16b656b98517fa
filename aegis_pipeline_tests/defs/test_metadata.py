"""What a materialization tells of its outcomes."""

from aegis_pipeline.defs.metadata import rejected_metadata
from aegis_pipeline.records import Outcome, PhaseOutcome, Rejection


def test_rejected_statements_are_counted_over_documents_in_all_and_by_reason() -> None:
    outcomes = [
        PhaseOutcome("a", Outcome.OK, rejected=(Rejection("head_type", 2), Rejection("tail_type", 1))),
        PhaseOutcome("b", Outcome.EMPTY, rejected=(Rejection("head_type", 1),)),
        PhaseOutcome("c", Outcome.OK),
    ]
    assert rejected_metadata(outcomes) == {
        "aegis/rejected": 4,
        "aegis/rejected/head_type": 3,
        "aegis/rejected/tail_type": 1,
    }
