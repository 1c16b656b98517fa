"""Every step of `aegis train-reader` with the real encoder, one epoch each; then the three phases with what it made."""

import json
from pathlib import Path

import pytest

from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.reader.files import ReaderFiles
from aegis_pipeline.records import Outcome
from aegis_pipeline.settings import NerBackend, RelationBackend, Settings
from aegis_pipeline.training import folds, reader_training
from aegis_pipeline.training.gold import Range
from aegis_pipeline.training.loop import Schedule
from aegis_pipeline.training.reader_training import Plan, train_reader
from aegis_pipeline_tests.training.documents import TEXT, document

pytestmark = [pytest.mark.models, pytest.mark.slow]

ONCE = Schedule(epochs=1, batch_size=2, encoder_rate=3e-4, head_rate=2e-3, patience=1)


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReaderFiles:
    for module, names in (
        (reader_training, ("TAGGER_SCHEDULE", "RELATION_SCHEDULE", "FIRST_STAGE")),
        (folds, ("FOLD_SCHEDULE",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, ONCE)
    data, partial = tmp_path / "gold.jsonl", tmp_path / "partial.jsonl"
    data.write_text("".join(document(str(k)).model_dump_json() + "\n" for k in range(6)))
    labelled = document().model_dump() | {"annotated": ["P19"]}
    partial.write_text(json.dumps(labelled) + "\n")
    plan = Plan(data, tmp_path / "out", Range(0, 3), Range(4, 5), partial=partial, device="cpu")
    files = train_reader(plan)
    assert train_reader(plan).manifest == files.manifest, "what is done is not done again"
    return files


def test_what_was_trained_runs_in_the_pipeline(trained: ReaderFiles) -> None:
    assert {path.name for path in trained.folder.iterdir()} == {"reader.json", *trained.manifest.sha256}
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        ner_backend=NerBackend.READER,
        relation_backend=RelationBackend.EMBEDDED,
        reader_model=trained.folder,
        relation_min_confidence=0,
        device="cpu",
    )
    extractor = ThreePhaseExtractor.from_settings(settings)
    found = extractor.extract(TEXT)
    assert {outcome.outcome for outcome in found.phase1.outcomes} <= {Outcome.OK, Outcome.EMPTY}
    assert {outcome.outcome for outcome in found.phase3.outcomes} <= {Outcome.OK, Outcome.EMPTY}
    for hostile in ("", " ", "x" * 50_000, "Acme Corp. " * 2_000):
        assert extractor.extract(hostile).phase1.outcomes[0].outcome is not Outcome.DEGRADED
