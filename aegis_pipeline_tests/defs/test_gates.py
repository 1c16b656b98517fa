"""A planted fault of each kind, through Dagster: exactly its own gate says so, and the graph stays what it was.

Models are fakes, on the texts of the samples. The gate of the legacy arm has its faults in ``test_legacy_run.py``.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from aegis_pipeline import settings as settings_module
from aegis_pipeline.benchmarks import gold
from aegis_pipeline.defs import metadata, quality
from aegis_pipeline.defs.resources import EncoderResource, NerModelResource, RelationExtractorResource, resources
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, WriteReport
from aegis_pipeline.pipeline import updates
from aegis_pipeline.records import EntityResult, Mention, Outcome, Relation
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.defs.job import run
from aegis_pipeline_tests.defs.stored_state import stored_state
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.phases import FakeMentionExtractor, FakeRelationExtractor, every_word

pytestmark = pytest.mark.dagster

BATCH, OTHER = "samples", "others"
Evaluations = dict[str, dg.AssetCheckEvaluation]


@dataclass
class World:
    """A batch that is in the graph, and the fakes that its next run will have."""

    folder: Path
    mentions: FakeMentionExtractor = field(default_factory=FakeMentionExtractor)
    relations: FakeRelationExtractor = field(default_factory=FakeRelationExtractor)
    encoder: FakeEncoder = field(default_factory=FakeEncoder)

    def run(self, batch: str = BATCH) -> tuple[bool, Evaluations]:
        """Whether the run was green, and what each gate said."""
        with dg.DagsterInstance.ephemeral() as instance:
            result = run(self.folder, instance, batch=batch)
        return result.success, {found.check_name: found for found in result.get_asset_check_evaluations()}

    def graph(self) -> Mapping[str, str]:
        """A digest of each table of the graph."""
        return {name: made for name, made in stored_state(settings(), BATCH).items() if name.startswith("graph/")}


def at_home(patch: pytest.MonkeyPatch, home: Path, folder: Path) -> World:
    """The fakes in the place of models, and ``home`` as AEGIS_HOME."""
    world = World(folder)
    patch.setenv("AEGIS_HOME", str(home))
    patch.setenv("DAGSTER_HOME", str(home / "dagster"))
    patch.setattr(EncoderResource, "encoder", lambda *_: world.encoder)
    patch.setattr(NerModelResource, "extractor", lambda *_: world.mentions)
    patch.setattr(RelationExtractorResource, "extractor", lambda *_: world.relations)
    settings_module.settings.cache_clear()
    return world


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home whose graph has the samples, and their folder."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("documents")
    for number, document in enumerate(gold._samples("identity").values()):
        (folder / f"{number}.txt").write_text(document["text"], encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        success, said = at_home(patch, home, folder).run()
    settings_module.settings.cache_clear()
    assert success, {name: found.description for name, found in said.items() if not found.passed}
    assert {name for name, found in said.items() if found.metadata.get("too_little_to_judge")} == {"confidence_drift"}
    return home, folder


@pytest.fixture
def world(base: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A copy of that home, and the same folder."""
    shutil.copytree(base[0], tmp_path / "home", symlinks=True)
    shutil.copytree(base[1], tmp_path / "documents")
    yield at_home(monkeypatch, tmp_path / "home", tmp_path / "documents")
    settings_module.settings.cache_clear()


def break_files(world: World, _patch: pytest.MonkeyPatch) -> None:
    for path in list(world.folder.iterdir()):
        path.unlink()
        path.with_suffix(".pdf").write_bytes(b"%PDF-1.7 broken")


def find_nothing(world: World, _patch: pytest.MonkeyPatch) -> None:
    world.mentions = FakeMentionExtractor("blind", lambda _chunks, _mentions: ())


def find_everything(world: World, _patch: pytest.MonkeyPatch) -> None:
    world.mentions = FakeMentionExtractor("greedy", every_word)


def find_nothing_in_most(world: World, _patch: pytest.MonkeyPatch) -> None:
    def in_some(_chunks: Any, mentions: Any) -> list[Mention]:
        return [m for m in mentions if m.document_id in sorted({m.document_id for m in mentions})[:5]]

    world.mentions = FakeMentionExtractor("lazy", in_some)


def fall_back(world: World, _patch: pytest.MonkeyPatch) -> None:
    world.mentions = FakeMentionExtractor("fallen", outcome=Outcome.DEGRADED)


def join_everything(_world: World, patch: pytest.MonkeyPatch) -> None:
    link = updates.link_mentions

    def joined(*given: Any) -> EntityResult:
        found = link(*given)
        mentions = tuple(mention for entity in found.entities for mention in entity.mentions)
        return replace(found, entities=(replace(found.entities[0], mentions=mentions, is_node=True),))

    patch.setattr(updates, "link_mentions", joined)


def join_nothing(_world: World, patch: pytest.MonkeyPatch) -> None:
    link = updates.link_mentions

    def apart(*given: Any) -> EntityResult:
        found = link(*given)
        alone = (replace(e, id=m.id, key=m.id, mentions=(m,)) for e in found.entities for m in e.mentions)
        return replace(found, entities=tuple(alone))

    patch.setattr(updates, "link_mentions", apart)


def join_wrongly(world: World, patch: pytest.MonkeyPatch) -> None:
    """On the gold only: what was known of another encoder does not count for this one."""
    link, world.encoder = gold.link_mentions, FakeEncoder()
    world.encoder.digest = "worse"

    def joined(*given: Any) -> EntityResult:
        first, second, *others = sorted(link(*given).entities, key=lambda entity: -len(entity.mentions))
        return EntityResult((replace(first, mentions=first.mentions + second.mentions), *others), ())

    patch.setattr(gold, "link_mentions", joined)


def relate_to_nowhere(world: World, _patch: pytest.MonkeyPatch) -> None:
    world.relations = FakeRelationExtractor("lost", lambda relation: replace(relation, tail="ent-nowhere"))


def lose_a_node(world: World, patch: pytest.MonkeyPatch) -> None:
    """In a write: the batch has a document more."""
    (world.folder / "more.txt").write_text("Maurice Wilkes met Grace Hopper in Philadelphia.", encoding="utf-8")
    write = EmbeddedGraphStore.write

    def lose(self: EmbeddedGraphStore, contribution: BatchContribution, **options: bool) -> WriteReport:
        report = write(self, contribution, **options)
        path = Path(report.location) / "graph_chunk_entity_relation.graphml"
        path.write_text("\n".join(line for line in path.read_text().splitlines() if '="Manchester"' not in line))
        return report

    patch.setattr(EmbeddedGraphStore, "write", lose)


@pytest.mark.parametrize(
    ("plant", "gate"),
    [
        (break_files, "documents_parse_rate"),
        (find_nothing, "mention_rate"),
        (find_everything, "mention_rate"),
        (find_nothing_in_most, "mention_rate"),
        (join_everything, "dedup_ratio_bounds"),
        (join_nothing, "dedup_ratio_bounds"),
        (join_wrongly, "dedup_precision_on_gold"),
        (relate_to_nowhere, "relation_endpoints_exist"),
        (fall_back, "degraded_fraction"),
        (lose_a_node, "graph_counts_match"),
    ],
)
def test_a_planted_fault_fails_its_own_gate_alone_and_the_graph_stays(
    world: World, monkeypatch: pytest.MonkeyPatch, plant: Callable[[World, pytest.MonkeyPatch], None], gate: str
) -> None:
    before = world.graph()
    plant(world, monkeypatch)
    success, said = world.run()
    assert not success
    assert [name for name, found in said.items() if not found.passed] == [gate]
    assert said[gate].severity is dg.AssetCheckSeverity.ERROR
    assert world.graph() == before


def less_sure(relation: Relation) -> Relation:
    return replace(relation, confidence=relation.confidence - 0.2)


@pytest.mark.parametrize(
    ("extractor", "warned"), [(FakeRelationExtractor(), False), (FakeRelationExtractor("unsure", less_sure), True)]
)
def test_another_confidence_than_in_the_last_batches_only_warns(
    world: World, extractor: FakeRelationExtractor, warned: bool
) -> None:
    world.relations = extractor
    success, said = world.run(OTHER)
    found = said["confidence_drift"]
    assert success
    assert found.passed is not warned
    assert found.severity is (dg.AssetCheckSeverity.WARN if warned else dg.AssetCheckSeverity.ERROR)
    assert found.metadata["earlier_batches"].value == 1
    assert (found.metadata["confidence_stability_index"].value > 0.25) is warned
    assert all(each.passed for name, each in said.items() if name != "confidence_drift")


def test_what_a_gate_stopped_is_nothing_to_compare_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    relate_to_nowhere(world, monkeypatch)
    assert not world.run()[0]
    world.relations = FakeRelationExtractor()
    found = world.run(OTHER)[1]["confidence_drift"]
    assert found.metadata["earlier_batches"].value == 0
    assert found.metadata["too_little_to_judge"].value is True


def test_the_gold_is_scored_once_for_an_encoder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gold, "identity_on_gold", lambda *_: pytest.fail("it is in the lake"))
    assert world.run()[1]["dedup_precision_on_gold"].passed


@pytest.mark.parametrize(("f1", "passed"), [(0.0, True), (0.9, False)])
def test_worse_models_fail_quality_on_gold(
    world: World, monkeypatch: pytest.MonkeyPatch, f1: float, passed: bool
) -> None:
    monkeypatch.setattr(quality, "baseline", lambda: dict.fromkeys(("mentions", "identity", "relations"), f1))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [quality.model_quality, quality.quality_on_gold],
            instance=instance,
            resources=resources(settings()),
            raise_on_error=False,
        )
    (found,) = result.get_asset_check_evaluations()
    assert (result.success, found.passed) == (passed, passed)
    assert 0 < found.metadata["f1_mentions"].value < 0.9
    assert found.metadata["baseline_mentions"].value == f1


@pytest.mark.parametrize(("peak", "warned"), [(7_900_000_000, False), (8_100_000_000, True)])
def test_a_phase_that_held_too_much_of_a_gpu_only_warns(
    world: World, monkeypatch: pytest.MonkeyPatch, peak: int, warned: bool
) -> None:
    monkeypatch.setattr(metadata, "peak_vram_bytes", lambda: peak)
    success, said = world.run()
    found = said["vram_budget"]
    assert success
    assert found.passed is not warned
    assert found.metadata["peak_gb_of_relations"].value == peak / 1e9
    assert all(each.passed for name, each in said.items() if name != "vram_budget")
