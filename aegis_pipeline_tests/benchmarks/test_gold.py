"""The samples as a yardstick: what phase 2 makes of them, what is kept of that, and the models that come along."""

from dataclasses import replace
from pathlib import Path

import pytest

from aegis_pipeline.benchmarks import gold
from aegis_pipeline.gates import dedup_precision_on_gold, quality_on_gold
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.records import EntityResult
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.fakes.encoder import FakeEncoder

PAIRS = 882  # of mentions of one thing, in the gold


def test_identity_on_gold_has_every_pair_of_the_gold() -> None:
    found = gold.identity_on_gold(FakeEncoder())
    assert found.right + found.missed == PAIRS
    assert found.right > PAIRS / 2


def test_identity_on_gold_names_what_was_joined_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    link = gold.link_mentions

    def joined(*given: object) -> EntityResult:
        found = link(*given).entities  # type: ignore[arg-type]
        (baby,) = [entity for entity in found if entity.name == "Manchester Baby"]
        (glenn,) = [entity for entity in found if entity.name == "John Glenn"]
        return EntityResult(
            (replace(baby, mentions=baby.mentions + glenn.mentions), *(e for e in found if e not in (baby, glenn))), ()
        )

    monkeypatch.setattr(gold, "link_mentions", joined)
    found = gold.identity_on_gold(FakeEncoder())
    assert found.wrong > 0
    assert any("John Glenn" in names and "Manchester Baby" in names for names in found.joined)


def test_known_identity_is_found_once_for_what_it_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, encoder, other = DocumentLake(str(tmp_path)), FakeEncoder(), FakeEncoder()
    other.digest = "other"
    found = gold.known_identity(lake, encoder)
    monkeypatch.setattr(gold, "link_mentions", lambda *_: pytest.fail("again"))
    gold.identity_on_gold.cache_clear()
    assert gold.known_identity(lake, encoder) == found
    assert lake.batches() == []
    with pytest.raises(pytest.fail.Exception, match="again"):
        gold.known_identity(lake, other)


def test_baseline_has_the_figures_that_are_scored() -> None:
    assert gold.baseline().keys() == {"mentions", "identity", "relations"}


@pytest.mark.models
@pytest.mark.slow
def test_the_models_that_come_along_pass_their_own_gates() -> None:
    settings = Settings(_env_file=None)
    encoder = load_encoder(settings.encoder_model, device="cpu")
    assert dedup_precision_on_gold(gold.identity_on_gold(encoder), settings.dedup_precision_min).passed
    found = gold.score_on_gold(ThreePhaseExtractor.from_settings(settings))
    verdict = quality_on_gold(found, gold.baseline(), settings.quality_tolerance)
    assert verdict.passed, verdict.description
