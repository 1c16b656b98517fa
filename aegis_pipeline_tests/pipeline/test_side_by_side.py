"""Both arms in the library: ours answers, and the other one's faults cost nothing but its own report."""

import logging
from collections.abc import Sequence

import pytest

from aegis_pipeline.errors import AegisError, InputError, ServiceUnavailableError
from aegis_pipeline.pipeline.graph_pipeline import InsertReport
from aegis_pipeline.pipeline.side_by_side import SideBySidePipeline
from aegis_pipeline.records import Document, QueryMode

DOCUMENT = Document("a", "a", "A secret text.", "hash")


class Arm:
    def __init__(self, report: InsertReport | AegisError) -> None:
        self.report = report
        self.inserted: list[Document] = []

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        self.inserted += documents
        if isinstance(self.report, AegisError):
            raise self.report
        return self.report

    def query(self, question: str, mode: QueryMode, top_k: int) -> object:
        return self, question, mode, top_k


def both(three_phase: Arm, legacy: Arm) -> SideBySidePipeline:
    return SideBySidePipeline(three_phase, legacy)  # type: ignore[arg-type]


def test_both_arms_get_the_documents_and_ours_answers() -> None:
    ours, theirs = Arm(InsertReport(("a",), (), {})), Arm(InsertReport((), ("a",), {}))
    pipeline = both(ours, theirs)
    report = pipeline.insert([DOCUMENT])
    assert (report.written, report.legacy) == (("a",), theirs.report)
    assert ours.inserted == theirs.inserted == [DOCUMENT]
    assert pipeline.query("Who?", QueryMode.MIX, 3) == (ours, "Who?", QueryMode.MIX, 3)


def test_a_fault_of_the_legacy_arm_is_told_in_its_report(caplog: pytest.LogCaptureFixture) -> None:
    gone = Arm(ServiceUnavailableError("No server."))
    with caplog.at_level(logging.WARNING):
        report = both(Arm(InsertReport(("a",), (), {})), gone).insert([DOCUMENT])
    assert report.written == ("a",)
    assert report.legacy == InsertReport((), (), {"a": "No server."})
    assert "No server." in caplog.text
    assert "secret" not in caplog.text


def test_a_fault_of_ours_leaves_both_graphs_as_they_are() -> None:
    theirs = Arm(InsertReport((), (), {}))
    with pytest.raises(InputError):
        both(Arm(InputError("no")), theirs).insert([DOCUMENT])
    assert theirs.inserted == []
