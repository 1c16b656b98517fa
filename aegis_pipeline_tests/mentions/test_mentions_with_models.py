"""Phase 1 with the real models."""

import pytest

from aegis_pipeline.mentions import GlossaryEntry, SpacyMentionExtractor
from aegis_pipeline.mentions.pipelines import mention_pipeline
from aegis_pipeline.records import Chunk, MentionResult, Outcome, Span
from aegis_pipeline.settings import NerBackend, Settings

pytestmark = pytest.mark.models

TEXT = (
    "Marie Curie was born in Warsaw in 1867.\n\nIn the early 1890s she moved to Paris, where about 1,800 students "
    "worked. The Sorbonne hired Curie in 1906; today the Sorbonne is famous."
)


def _extract(backend: NerBackend, *glossary: GlossaryEntry) -> MentionResult:
    starts = [0, TEXT.index("In the"), TEXT.index("The Sorbonne")]
    ends = [*(start - 1 for start in starts[1:]), len(TEXT)]
    ends[0] -= 1
    spans = tuple(Span(a, b) for a, b in zip(starts, ends, strict=True))
    whole = Chunk("d-0", "d", 0, Span(0, len(TEXT)), TEXT, spans)
    settings = Settings(_env_file=None, ner_backend=backend, device="cpu")  # type: ignore[call-arg]
    return SpacyMentionExtractor(mention_pipeline(settings), glossary).extract([whole])


@pytest.mark.parametrize("backend", NerBackend)
def test_real_model_on_a_paragraph(backend: NerBackend) -> None:
    result = _extract(backend)
    found = {(m.text, m.type, m.sentence) for m in result.mentions}
    expected = {
        ("Marie Curie", "person", 0),
        ("Warsaw", "place", 0),
        ("1867", "date", 0),
        ("1890s", "date", 1),
        ("Paris", "place", 1),
        ("1,800", "number", 1),
        ("1906", "date", 2),
    }
    assert expected <= found
    assert "today" not in {text for text, _, _ in found}
    assert [m.text for m in result.mentions].count("Sorbonne") == 2
    assert {m.text for m in result.mentions if not m.is_node} == {"1,800"}
    assert [o.outcome for o in result.outcomes] == [Outcome.OK]


@pytest.mark.parametrize("backend", NerBackend)
def test_real_model_yields_to_the_glossary(backend: NerBackend) -> None:
    result = _extract(backend, GlossaryEntry(name="the Sorbonne", type="university"))
    assert [(m.text, m.type) for m in result.mentions if m.source == "glossary"] == [
        ("The Sorbonne", "university"),
        ("the Sorbonne", "university"),
    ]
