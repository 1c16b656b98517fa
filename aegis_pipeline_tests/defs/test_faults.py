"""Faults planted in each phase, as Dagster runs it: what is lost, where it shows, and that nothing stays of them.

Nothing that fails goes by unseen: it is an outcome of its document, a gate that is not green, or an error of our own.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from aegis_pipeline import settings as module
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.errors import ModelError
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.mentions.spacy_extractor import SpacyMentionExtractor
from aegis_pipeline.pipeline.name_cache import NameVectorCache
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.records import Outcome
from aegis_pipeline.settings import settings
from aegis_pipeline.tables import (
    ENTITIES,
    ENTITY_OUTCOMES,
    MENTIONS,
    MERGES,
    NER_OUTCOMES,
    RELATION_OUTCOMES,
    RELATIONS,
    Table,
)
from aegis_pipeline_tests.defs.conftest import DOCUMENTS
from aegis_pipeline_tests.defs.job import metadata, run

pytestmark = [pytest.mark.dagster, pytest.mark.models]

MADE = [MENTIONS, NER_OUTCOMES, ENTITIES, MERGES, ENTITY_OUTCOMES, RELATIONS, RELATION_OUTCOMES]
BAD = "Dudley"  # a word of one document of the three
Fault = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three documents, for all tests of this file: what they come to does not change."""
    root = tmp_path_factory.mktemp("batch")
    for name, text in DOCUMENTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def undisturbed(batch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Any, ...]]]:
    """What a run without any fault makes."""
    with pytest.MonkeyPatch.context() as patched, dg.DagsterInstance.ephemeral() as instance:
        patched.setenv("AEGIS_HOME", str(tmp_path_factory.mktemp("home")))
        module.settings.cache_clear()
        assert run(batch, instance).success
        yield rows(batch)
    module.settings.cache_clear()


def rows(batch: Path) -> list[tuple[Any, ...]]:
    lake = DocumentLake(str(settings().aegis_home / "lake"))
    return [lake.read(batch_key(batch), table) for table in MADE]


def outcomes(batch: Path, table: Table[Any]) -> list[Outcome]:
    lake = DocumentLake(str(settings().aegis_home / "lake"))
    return sorted(each.outcome for each in lake.read(batch_key(batch), table))


def gate(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    (found,) = [c for c in result.get_asset_check_evaluations() if c.check_name == "degraded_fraction"]
    return found


def failing_on(word: str, attribute: str, owner: type, error: Exception) -> Fault:
    """``owner.attribute`` raises where the text of what it is given has ``word``."""
    whole = getattr(owner, attribute)

    def planted(self: Any, given: Any, *more: Any) -> Any:
        if word in getattr(given, "text", given):
            raise error
        return whole(self, given, *more)

    return lambda patched: patched.setattr(owner, attribute, planted)


def no_memory_for_two(patched: pytest.MonkeyPatch) -> None:
    whole = SpacyMentionExtractor._documents

    def planted(self: SpacyMentionExtractor, documents: Sequence[Any]) -> Any:
        if len(documents) > 1:
            raise MemoryError
        return whole(self, documents)

    patched.setattr(SpacyMentionExtractor, "_documents", planted)


def no_vectors(patched: pytest.MonkeyPatch) -> None:
    def planted(*_: Any) -> Any:
        raise RuntimeError("near 'secret'")

    patched.setattr(NameVectorCache, "encode", planted)


def disturbed(
    batch: Path, undisturbed: list[tuple[Any, ...]], plant: Fault, look: Callable[[dg.ExecuteInProcessResult], None]
) -> None:
    """A run with the fault, a look at what it left, and a run without it, which ends as if it had never been."""
    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.MonkeyPatch.context() as patched:
            plant(patched)
            look(run(batch, instance))
        mended = run(batch, instance)
    assert mended.success
    assert rows(batch) == undisturbed
    assert gate(mended).passed


def test_spacy_raises_on_one_document(home: Path, batch: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    """The regex tagger reads that one, and a gate says that this is too much of the batch."""

    def look(result: dg.ExecuteInProcessResult) -> None:
        assert outcomes(batch, NER_OUTCOMES) == [Outcome.DEGRADED, Outcome.OK, Outcome.OK]
        found = metadata(result, "ner_entities")
        assert (found["aegis/degraded"], found["aegis/errors/degraded/warning"]) == (1, 1)
        assert found["aegis/sources/regex"]
        assert found["aegis/sources/reader"]
        assert (result.success, gate(result).passed) == (False, False)
        assert gate(result).metadata["mentions_by_regex"].value == 1

    disturbed(batch, undisturbed, failing_on(BAD, "_doc", SpacyMentionExtractor, ValueError("near 'secret'")), look)


def test_memory_ends_in_phase_1(home: Path, batch: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    """The batch is halved until it fits, and nothing is lost."""

    def look(result: dg.ExecuteInProcessResult) -> None:
        assert result.success
        assert metadata(result, "ner_entities")["aegis/batches_halved"] == 2
        assert metadata(result, "relations")["aegis/batches_halved"] == 0
        assert rows(batch) == undisturbed

    disturbed(batch, undisturbed, no_memory_for_two, look)


def test_phase_2_fails_altogether(
    home: Path, batch: Path, undisturbed: list[tuple[Any, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    """The batch goes on with each name by itself; every document says so, and the gate warns."""

    def look(result: dg.ExecuteInProcessResult) -> None:
        assert result.success
        assert outcomes(batch, ENTITY_OUTCOMES) == [Outcome.DEGRADED] * 3
        found = metadata(result, "deduplicated_entities")
        assert (found["aegis/degraded"], found["aegis/aliases_merged"]) == (3, 0)
        assert "secret" not in str(found["aegis/degradations"]) + caplog.text
        assert "dedup_failed documents=3" in caplog.text
        assert (gate(result).passed, gate(result).severity) == (False, dg.AssetCheckSeverity.WARN)
        assert gate(result).metadata["names_not_linked"].value == 3

    disturbed(batch, undisturbed, no_vectors, look)


def test_relation_network_fails_on_one_document(home: Path, batch: Path, undisturbed: list[tuple[Any, ...]]) -> None:
    def look(result: dg.ExecuteInProcessResult) -> None:
        assert outcomes(batch, RELATION_OUTCOMES).count(Outcome.UNAVAILABLE) == 1
        found = metadata(result, "relations")
        assert found["aegis/errors/unavailable/error"] == 1
        assert found["dagster/partition_row_count"]
        assert (result.success, gate(result).metadata["lost"].value) == (False, 1)

    disturbed(batch, undisturbed, failing_on(BAD, "windows", RelationReader, RuntimeError("no")), look)


@pytest.mark.parametrize("variable", ["SPACY_MODEL", "READER_MODEL"])
def test_a_missing_model_of_phase_1_degrades_all_of_it_and_says_how_to_get_it(
    home: Path, batch: Path, undisturbed: list[tuple[Any, ...]], variable: str
) -> None:
    def look(result: dg.ExecuteInProcessResult) -> None:
        assert not result.success
        found = metadata(result, "ner_entities")
        assert (found["aegis/degraded"], found.get("aegis/sources/reader")) == (3, None)
        assert "nowhere" in str(found["aegis/degradations"])

    def plant(patched: pytest.MonkeyPatch) -> None:
        patched.setenv(variable, "./nowhere")
        module.settings.cache_clear()

    with pytest.MonkeyPatch.context() as patched, dg.DagsterInstance.ephemeral() as instance:
        plant(patched)
        look(run(batch, instance))


def test_a_missing_encoder_is_a_clear_error(home: Path, batch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCODER_MODEL", "./nowhere")
    module.settings.cache_clear()
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(batch, instance)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    error = failed.step_failure_data.error
    assert error is not None
    assert error.cause is not None
    assert ModelError.__name__ in error.cause.message
    assert "There is no such folder" in error.cause.message
