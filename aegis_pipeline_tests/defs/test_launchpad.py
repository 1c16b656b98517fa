"""A run's own configuration of each resource reaches what it configures; and models are loaded once per process."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sentence_transformers
import spacy

from aegis_pipeline import tables
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models.loading import CACHE
from aegis_pipeline.reader import loading as reader_loading
from aegis_pipeline_tests.defs.job import run

pytestmark = [pytest.mark.dagster, pytest.mark.models]


def test_launchpad_configures_each_resource_of_a_run(home: Path, folder: Path, tmp_path: Path) -> None:
    glossary, overrides = tmp_path / "names.toml", tmp_path / "overrides.toml"
    glossary.write_text('[[entry]]\nname = "Manchester"\ntype = "product"\n', encoding="utf-8")
    overrides.write_text('[[together]]\nnames = ["Tom Kilburn", "Nobody Known"]\n', encoding="utf-8")
    configured: dict[str, dict[str, object]] = {
        "document_lake": {"root": str(tmp_path / "lake")},
        "graph_store": {"root": str(tmp_path / "graph")},
        "gpu_device": {"device": "cpu"},
        "ner_model": {"glossary": str(glossary)},
        "deduplicator": {"aegis_merge_overrides": str(overrides)},
        "relation_extractor": {"relation_min_confidence": 1.0},
    }
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(folder, instance, configured)
        absent = run(folder, instance, {"gpu_device": {"device": "cuda:99"}})
    lake, batch = DocumentLake(str(tmp_path / "lake")), batch_key(folder)
    assert result.success
    assert {m.source for m in lake.read(batch, tables.MENTIONS) if m.text == "Manchester"} == {"glossary"}
    assert lake.read(batch, tables.RELATIONS) == ()
    (unmatched,) = [
        event.step_materialization_data.materialization.metadata["aegis/unmatched_names"].value
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey("deduplicated_entities")
    ]
    assert "'Nobody Known'" in str(unmatched)
    assert Generations(tmp_path / "graph").current
    assert not (home / "graph").exists()
    assert "DEVICE=cuda:99" in str(absent.get_step_failure_events()[0].step_failure_data.error)


def test_models_are_loaded_once_for_all_batches_of_a_process(
    home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        load: Callable[..., Any] = getattr(owner, name)

        def loading(*arguments: Any, **options: Any) -> Any:
            loads[name] += 1
            return load(*arguments, **options)

        monkeypatch.setattr(owner, name, loading)

    counted(spacy, "load")
    counted(sentence_transformers, "SentenceTransformer")
    counted(reader_loading, "load_weights")
    CACHE.clear()
    other = tmp_path / "other"
    other.mkdir()
    (other / "lyons.txt").write_text("J. Lyons and Co. was founded in London. Maurice Wilkes advised Lyons.")
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(folder, instance).success
        assert run(other, instance).success
    # The reader has two networks, the tagger and that for relations.
    assert loads == {"load": 1, "SentenceTransformer": 1, "load_weights": 2}
