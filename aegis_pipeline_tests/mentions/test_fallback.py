"""The regex tagger, and falling back to it."""

from collections.abc import Sequence

import pytest

from aegis_pipeline.errors import ModelError
from aegis_pipeline.mentions import (
    FallbackMentionExtractor,
    RegexMentionExtractor,
    SpacyMentionExtractor,
    build_mention_extractor,
)
from aegis_pipeline.records import Chunk, MentionResult, Outcome
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.mentions.texts import check, chunk, found, ruled


def test_regex_tagger() -> None:
    text = "The Bank of England cut rates in May 1997. In 1998 NASA hired 12 people. We saw nothing."
    chunks = [chunk(text, (0, 42), (43, 72), (73, len(text)))]
    result = RegexMentionExtractor().extract(chunks)
    check(result, chunks)
    assert found(result) == [
        ("Bank of England", "MISC", "regex"),
        ("May 1997", "DATE", "regex"),
        ("1998", "DATE", "regex"),
        ("NASA", "MISC", "regex"),
        ("12", "CARDINAL", "regex"),
    ]
    assert [m.is_node for m in result.mentions] == [True, True, True, True, False]


class Flaky:
    """Fails whenever one of the chunks says so; counts its calls."""

    def __init__(self, error: Exception) -> None:
        self.error, self.calls = error, 0

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        self.calls += 1
        if any("secret" in each.text for each in chunks):
            raise self.error
        return SpacyMentionExtractor(ruled(("ORG", "Acme"))).extract(chunks)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("near 'secret'")])
def test_a_failing_document_does_not_cost_the_others(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    flaky = Flaky(error)
    chunks = [chunk("Acme.", document="a"), chunk("Acme secret.", document="b"), chunk("Acme.", document="c")]
    result = FallbackMentionExtractor(lambda: flaky, RegexMentionExtractor()).extract(chunks)
    check(result, chunks)
    assert [(o.document_id, o.outcome) for o in result.outcomes] == [
        ("a", Outcome.OK),
        ("b", Outcome.DEGRADED),
        ("c", Outcome.OK),
    ]
    assert [m.source for m in result.mentions] == ["spacy", "regex", "spacy"]
    assert type(error).__name__ in result.outcomes[1].detail
    assert "secret" not in caplog.text + result.outcomes[1].detail
    assert "spacy_ner_failed document_ids=['b']" in caplog.text
    assert flaky.calls == 4


def test_a_model_that_cannot_be_loaded_degrades_every_document() -> None:
    attempts = []

    def load() -> SpacyMentionExtractor:
        attempts.append(1)
        raise ModelError("The model 'x' is not here.")

    chunks = [chunk("Acme.", document="a"), chunk("Acme.", document="b")]
    result = FallbackMentionExtractor(load, RegexMentionExtractor()).extract(chunks)
    assert [o.outcome for o in result.outcomes] == [Outcome.DEGRADED, Outcome.DEGRADED]
    assert "The model 'x' is not here." in result.outcomes[0].detail
    assert [m.text for m in result.mentions] == ["Acme", "Acme"]
    assert len(attempts) == 1


def test_without_fallback_the_error_goes_up() -> None:
    def settings(fallback: bool) -> Settings:
        return Settings(_env_file=None, spacy_model="./nowhere", mention_fallback=fallback)  # type: ignore[call-arg]

    with pytest.raises(ModelError, match=r"nowhere.*MENTION_FALLBACK=true"):
        build_mention_extractor(settings(False)).extract([chunk("Acme.")])
    result = build_mention_extractor(settings(True)).extract([chunk("Acme.")])
    assert [o.outcome for o in result.outcomes] == [Outcome.DEGRADED]


def test_without_fallback_the_error_names_the_document_and_quotes_nothing() -> None:
    flaky = Flaky(RuntimeError("near 'secret'"))
    chunks = [chunk("Acme.", document="a"), chunk("Acme secret.", document="b")]
    with pytest.raises(ModelError, match=r"on 'b': RuntimeError\.") as caught:
        FallbackMentionExtractor(lambda: flaky, None).extract(chunks)
    assert "secret" not in str(caught.value)
