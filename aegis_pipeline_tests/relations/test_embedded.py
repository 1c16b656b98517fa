"""The trained reader behind the interface of phase 3, with a network that says what the test says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from aegis_pipeline.errors import MemoryEndedError
from aegis_pipeline.reader.relation_reader import Statement
from aegis_pipeline.reader.windows import Named, Window
from aegis_pipeline.records import Chunk, Outcome, PhaseOutcome, Rejection, Span
from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.embedded import EmbeddedRelationExtractor
from aegis_pipeline_tests.fakes.relation_reader import MANIFEST, TEXT, FakeRelationReader, document


def _extractor(reader: FakeRelationReader, least: float = 0.0) -> EmbeddedRelationExtractor:
    return EmbeddedRelationExtractor(reader, MANIFEST, load_schema(), least)  # type: ignore[arg-type]


def _born(margin: float, *sentences: int) -> Statement:
    return Statement("marie", "warsaw", "P19", margin, sentences or (0,))


def test_a_statement_of_two_windows_is_one_relation_with_its_evidence() -> None:
    result = _extractor(FakeRelationReader([_born(0.0)], [_born(1.0, 1, 0)])).extract([document()])
    [relation] = result.relations
    assert (relation.predicate, relation.pid, relation.head, relation.tail) == (
        "place_of_birth",
        "P19",
        "marie",
        "warsaw",
    )
    assert (relation.chunk_id, relation.evidence, relation.evidence_text) == ("d-1", Span(26, 42), "She left Warsaw.")
    assert relation.further_evidence == (Span(0, 25),)
    assert relation.confidence == pytest.approx(0.8808, abs=1e-4)
    assert [o.outcome for o in result.outcomes] == [Outcome.OK]


def test_what_is_not_sure_enough_is_not_kept() -> None:
    result = _extractor(FakeRelationReader([_born(0.5)]), least=0.9).extract([document()])
    assert result.relations == ()
    assert result.outcomes[0].detail == "no statement is sure enough"


def test_a_property_that_the_schema_lacks_is_not_stated() -> None:
    result = _extractor(FakeRelationReader([_born(0.0), Statement("marie", "warsaw", "P99999", 9.0, (0,))])).extract(
        [document()]
    )
    assert [relation.pid for relation in result.relations] == ["P19"]
    assert result.outcomes[0].rejected == ()


def test_what_the_schema_rules_out_is_rejected_and_counted() -> None:
    backwards = Statement("warsaw", "marie", "P19", 9.0, (0,))
    both = _extractor(FakeRelationReader([_born(0.0), backwards])).extract([document()])
    assert [relation.head for relation in both.relations] == ["marie"]
    assert both.outcomes == (PhaseOutcome("d", Outcome.OK, rejected=(Rejection("head_type", 1),)),)
    alone = _extractor(FakeRelationReader([backwards])).extract([document()])
    assert (alone.outcomes[0].outcome, alone.outcomes[0].detail) == (
        Outcome.EMPTY,
        "no statement fits the relation schema",
    )
    assert alone.outcomes[0].rejected == (Rejection("head_type", 1),)


def test_a_document_with_nothing_to_relate_says_so() -> None:
    result = _extractor(FakeRelationReader([])).extract([document(numeric=True)])
    assert (result.outcomes[0].outcome, result.outcomes[0].detail) == (
        Outcome.EMPTY,
        "fewer than two entities to relate",
    )


def test_mentions_go_to_the_reader_with_the_types_that_it_knows() -> None:
    reader = FakeRelationReader([])
    _extractor(reader).extract([document()])
    assert [(m.kind, m.entity) for m in reader.named] == [(0, "marie"), (2, "warsaw"), (2, "warsaw")]


class FailingReader(FakeRelationReader):
    """Fails on one document, which it knows by its text."""

    def __init__(self, error: Exception) -> None:
        super().__init__([_born(0.0)])
        self._error, self._failing = error, False

    def windows(self, text: str, sentences: Sequence[Span], named: Sequence[Named]) -> list[Window]:
        self._failing = text.endswith("!")
        return super().windows(text, sentences, named)

    def read(self, texts: Sequence[Window], least_margin: float) -> list[list[Statement]]:
        if self._failing:
            raise self._error
        return super().read(texts, least_margin)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("near 'secret'"), "RuntimeError"),
        (MemoryEndedError("Memory does not suffice."), "Memory does not"),
    ],
)
def test_a_document_on_which_the_network_fails_costs_no_other(
    error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    failing = replace(document(), document_id="bad", text=f"{TEXT}!")
    result = _extractor(FailingReader(error)).extract([document(), failing, document()])
    assert len(result.relations) == 2
    assert [o.outcome for o in result.outcomes] == [Outcome.OK, Outcome.UNAVAILABLE, Outcome.OK]
    assert reason in result.outcomes[1].detail
    assert "secret" not in caplog.text + result.outcomes[1].detail
    assert "relation_network_failed document_id=bad" in caplog.text


def test_a_document_of_another_language_is_not_read_and_says_so() -> None:
    german = Chunk("d-0", "d", 0, Span(0, len(TEXT)), TEXT, (Span(0, 25), Span(26, 42)), language="de")
    result = _extractor(FakeRelationReader()).extract([replace(document(), chunks=(german,))])
    assert (result.relations, result.outcomes[0].outcome) == ((), Outcome.DEGRADED)
    assert "not 'de'; RELATION_BACKEND=" in result.outcomes[0].detail
