"""The reader that comes with the package, on documents that nobody would write."""

import pytest

from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.records import Document, Outcome, PhaseOutcome, Relation
from aegis_pipeline.settings import Settings

pytestmark = pytest.mark.models

TEXT = "Marie Curie was born in Warsaw, Poland. In 1895 she married Pierre Curie in Sceaux, France."
HOSTILE = {
    "empty": "",
    "blank": " \n ",
    "one entity": "Charlie Chaplin was here.",
    "one word": "x" * 50_000,
    "no space": "Lisbon," * 2_000,
    "full of names": "Oslo, Rome, " * 200,
    "signs": "👩‍👧" * 500,
}


@pytest.fixture(scope="module")
def extractor() -> ThreePhaseExtractor:
    return ThreePhaseExtractor.from_settings(Settings(_env_file=None, device="cpu", relation_min_confidence=0.3))


@pytest.fixture(scope="module")
def together(extractor: ThreePhaseExtractor) -> Extraction:
    texts = {"good": TEXT, **HOSTILE}
    return extractor.extract_documents([Document(name, name, text, name) for name, text in texts.items()])


def test_each_has_a_result_or_says_why_not(together: Extraction) -> None:
    for phase in (together.phase1.outcomes, together.phase3.outcomes):
        ended: dict[str, PhaseOutcome] = {outcome.document_id: outcome for outcome in phase}
        assert ended.keys() == {"good", *HOSTILE}
        assert ended["good"].outcome is Outcome.OK
        assert all(o.outcome is Outcome.OK or (o.outcome is Outcome.EMPTY and o.detail) for o in ended.values())


def test_a_document_is_read_the_same_in_their_company(extractor: ThreePhaseExtractor, together: Extraction) -> None:
    def said(relations: tuple[Relation, ...]) -> list[tuple[str, int, float]]:
        return [(r.predicate, r.evidence.start, r.confidence) for r in relations if r.document_id == "good"]

    alone = extractor.extract(TEXT, "good")
    assert said(alone.relations) == said(together.relations)
    assert "place_of_birth" in {predicate for predicate, _, _ in said(alone.relations)}
