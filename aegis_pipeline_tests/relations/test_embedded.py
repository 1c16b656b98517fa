"""The trained reader behind the interface of phase 3, with a network that says what the test says."""

from collections.abc import Sequence

import pytest

from aegis_pipeline.errors import ModelError, SettingsError
from aegis_pipeline.reader.files import RELATIONS, Manifest
from aegis_pipeline.reader.relation_reader import Statement
from aegis_pipeline.reader.tokens import Tokens
from aegis_pipeline.reader.windows import Named, Window
from aegis_pipeline.records import Mention, Outcome, RelationInput, Sentence, Span
from aegis_pipeline.relations import build_relation_extractor
from aegis_pipeline.relations.embedded import EmbeddedRelationExtractor
from aegis_pipeline.settings import Settings

TEXT = "Marie was born in Warsaw. She left Warsaw."
MANIFEST = Manifest(sha256={RELATIONS: "f" * 64}, properties=("P19",), margin=-1.0, slope=2.0, offset=0.0)


class _Reader:
    """Two windows a document; ``said`` has the statements of each."""

    def __init__(self, *said: list[Statement]) -> None:
        self._said = said
        self.named: list[Named] = []

    def windows(self, text: str, sentences: Sequence[Span], named: Sequence[Named]) -> list[Window]:
        self.named += named
        entities = tuple(dict.fromkeys(mention.entity for mention in named))
        return [Window(Tokens((), (), (), ()), (), (), entities) for _ in self._said]

    def read(self, texts: Sequence[Window], least_margin: float) -> list[list[Statement]]:
        return [[s for s in statements if s.margin >= least_margin] for statements in self._said]


def _document(numeric: bool = False) -> RelationInput:
    spans = [(Span(0, 5), "PERSON"), (Span(18, 24), "GPE"), (Span(35, 41), "GPE")]
    mentions = tuple(
        Mention("d", "d-0", 0, span, TEXT[span.start : span.end], label, label, "test", not numeric)
        for span, label in spans
    )
    entity_of = {m.id: entity for m, entity in zip(mentions, ("marie", "warsaw", "warsaw"), strict=True)}
    sentences = (Sentence("d", "d-0", 0, Span(0, 25)), Sentence("d", "d-1", 1, Span(26, 42)))
    return RelationInput("d", TEXT, (), sentences, mentions, entity_of)


def _extractor(reader: _Reader, least: float = 0.0) -> EmbeddedRelationExtractor:
    return EmbeddedRelationExtractor(reader, MANIFEST, least)  # type: ignore[arg-type]


def _born(margin: float, sentence: int = 0) -> Statement:
    return Statement("marie", "warsaw", "P19", margin, sentence)


def test_a_statement_of_two_windows_is_one_relation_with_its_evidence() -> None:
    result = _extractor(_Reader([_born(0.0)], [_born(1.0, sentence=1)])).extract([_document()])
    [relation] = result.relations
    assert (relation.predicate, relation.pid, relation.head, relation.tail) == (
        "place_of_birth",
        "P19",
        "marie",
        "warsaw",
    )
    assert (relation.chunk_id, relation.evidence, relation.evidence_text) == ("d-1", Span(26, 42), "She left Warsaw.")
    assert relation.confidence == pytest.approx(0.8808, abs=1e-4)
    assert [o.outcome for o in result.outcomes] == [Outcome.OK]


def test_what_is_not_sure_enough_is_not_kept() -> None:
    result = _extractor(_Reader([_born(0.5)]), least=0.9).extract([_document()])
    assert result.relations == ()
    assert result.outcomes[0].detail == "no statement is sure enough"


def test_a_property_that_the_schema_lacks_is_named() -> None:
    manifest = MANIFEST.model_copy(update={"properties": ("P19", "P99999")})
    with pytest.raises(ModelError, match="P99999"):
        EmbeddedRelationExtractor(_Reader(), manifest)  # type: ignore[arg-type]


def test_a_document_with_nothing_to_relate_says_so() -> None:
    result = _extractor(_Reader([])).extract([_document(numeric=True)])
    assert (result.outcomes[0].outcome, result.outcomes[0].detail) == (
        Outcome.EMPTY,
        "fewer than two entities to relate",
    )


def test_mentions_go_to_the_reader_with_the_types_that_it_knows() -> None:
    reader = _Reader([])
    _extractor(reader).extract([_document()])
    assert [(m.kind, m.entity) for m in reader.named] == [(0, "marie"), (2, "warsaw"), (2, "warsaw")]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"relation_backend": "embedded"}, "READER_MODEL"),
        ({"ner_backend": "reader"}, "RELATION_BACKEND=embedded"),
    ],
)
def test_backends_that_cannot_work_say_what_to_set(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        build_relation_extractor(Settings(_env_file=None, **wrong))  # type: ignore[call-arg, arg-type]
