"""RELATION_SCHEMA through the factory: what the user's schema drops, renames, restricts and adds."""

from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.reader import loading
from aegis_pipeline.reader.files import ReaderFiles
from aegis_pipeline.reader.relation_reader import Statement
from aegis_pipeline.records import Rejection, Relation
from aegis_pipeline.relations import build_relation_extractor, load_schema
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.fakes.relation_reader import MANIFEST, FakeRelationReader, document

BORN = """
predicates:
  native_of:
    pid: P19
    label: native of
    definition: Where a person comes from.
    head: [person]
    tail: [place]
"""
SAID = [Statement("marie", "warsaw", "P19", 1.0, (0,)), Statement("marie", "warsaw", "P551", 1.0, (0,))]


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings with a reader that has learned two properties, and with a schema of the text that is given."""
    files = ReaderFiles(tmp_path, MANIFEST.model_copy(update={"properties": ("P551", "P19")}))
    files.write()
    monkeypatch.setattr(loading, "load_relation_reader", lambda *_: FakeRelationReader(SAID))

    def with_schema(text: str) -> Settings:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return Settings(_env_file=None, reader_model=tmp_path, relation_schema=path)  # type: ignore[call-arg]

    return with_schema


def stated(settings: Settings) -> tuple[tuple[Relation, ...], tuple[Rejection, ...]]:
    result = build_relation_extractor(settings).extract([document()])
    return result.relations, result.outcomes[0].rejected


def test_what_the_schema_drops_is_not_stated_and_what_it_renames_is_renamed(configured: Any) -> None:
    (relation,), rejected = stated(configured(BORN))
    assert (relation.predicate, relation.pid) == ("native_of", "P19")
    assert rejected == ()


def test_what_the_schema_restricts_is_rejected(configured: Any) -> None:
    assert stated(configured(BORN.replace("[place]", "[facility]"))) == ((), (Rejection("tail_type", 1),))


@pytest.mark.parametrize("pid", ["", "    pid: P2176\n"])
def test_what_the_reader_has_not_learned_is_named_with_the_way(configured: Any, pid: str) -> None:
    added = f"  treats:\n{pid}    label: treats\n    definition: A cure.\n    head: [product]\n    tail: [other]\n"
    with pytest.raises(SettingsError, match=r"cannot state treats .*P19, P551 .*RELATION_BACKEND=ollama or openai"):
        build_relation_extractor(configured(BORN + added))


def test_another_schema_is_another_version(configured: Any) -> None:
    first = build_relation_extractor(configured(BORN)).version
    assert build_relation_extractor(configured("# The same.\n" + BORN)).version == first
    assert build_relation_extractor(configured(BORN.replace("[place]", "[place, group]"))).version != first


def test_the_packaged_reader_has_learned_the_packaged_schema() -> None:
    learned = ReaderFiles.of(Settings(_env_file=None)).manifest.properties  # type: ignore[call-arg]
    assert set(learned) == set(load_schema().by_pid)
