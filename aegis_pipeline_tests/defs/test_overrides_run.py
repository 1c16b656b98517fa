"""The user's overrides through the whole job: each state of the file gives what a fresh build with it gives."""

import logging
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from aegis_pipeline import settings as module
from aegis_pipeline.cli.run import run as aegis_run
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph.archive import read_corpus, read_keys
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.explaining import Explanation, explain
from aegis_pipeline.pipeline.stores import graph_keys
from aegis_pipeline.settings import settings
from aegis_pipeline.tables import ENTITIES, MERGES, RELATIONS
from aegis_pipeline_tests.defs.job import metadata, run

pytestmark = [pytest.mark.dagster, pytest.mark.models]

DOCUMENTS = {
    "icl.txt": "International Computers Limited (ICL) was founded in 1968. ICL was based in Dudley.",
    "x/ferranti.txt": "Sebastian de Ferranti founded Ferranti in 1885. Ferranti was based in Manchester.",
    "baby.txt": "Tom Kilburn was born in Dewsbury in 1921. He worked for Ferranti in Manchester.",
}
State = tuple[object, ...]
Run = Callable[[str | None], dg.ExecuteInProcessResult]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    for name, text in DOCUMENTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def with_rules(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the job with these rules in the file; without a file for None."""
    path = tmp_path / "overrides.toml"

    def again(rules: str | None) -> dg.ExecuteInProcessResult:
        monkeypatch.delenv("AEGIS_MERGE_OVERRIDES", raising=False)
        if rules is not None:
            path.write_text(rules, encoding="utf-8")
            monkeypatch.setenv("AEGIS_MERGE_OVERRIDES", str(path))
        settings.cache_clear()
        with dg.DagsterInstance.ephemeral() as instance:
            return run(folder, instance)

    return again


def state(home: Path, folder: Path) -> State:
    """What the lake and the graph hold."""
    lake, batch, generations = DocumentLake(str(home / "lake")), batch_key(folder), Generations(home / "graph")
    graph = generations.folder(str(generations.current))
    tables = (lake.read(batch, table) for table in (ENTITIES, MERGES, RELATIONS))
    return (*tables, read_corpus(graph), read_keys(graph))


def states(home: Path, folder: Path, with_rules: Run, rules: list[str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    """One home through all states of the file, each compared with a home of its own."""
    for number, one in enumerate(rules):
        assert with_rules(one).success
        updated = state(home, folder)
        fresh = home.with_name(f"fresh-{number}")
        with monkeypatch.context() as patch:
            patch.setenv("AEGIS_HOME", str(fresh))
            assert with_rules(one).success
        settings.cache_clear()
        assert state(fresh, folder) == updated


def explained(home: Path, name: str) -> list[Explanation]:
    lake = DocumentLake(str(home / "lake"))
    return explain(lake, lake.batches(), graph_keys(settings()), name)


def test_a_merge_is_undone_and_back_again(
    home: Path, folder: Path, with_rules: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = '[[apart]]\nnames = ["ICL", "International Computers Limited"]'
    states(home, folder, with_rules, [None, apart], monkeypatch)
    short, full = (explained(home, name)[0] for name in ("ICL", "International Computers Limited"))
    assert (short.key, full.key) == ("ICL", "International Computers Limited")
    assert [(r.alias, r.reason) for r in full.refusals] == [("ICL", "override")]
    states(home, folder, with_rules, ["", None], monkeypatch)
    (one,) = explained(home, "ICL")
    assert (one.key, one.aliases, one.refusals) == ("International Computers Limited", ("ICL",), ())


def test_names_of_two_types_are_together_and_apart_again(
    home: Path, folder: Path, with_rules: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = '[[together]]\nnames = ["Dudley", "Ferranti"]'
    states(home, folder, with_rules, [together], monkeypatch)
    (one,) = explained(home, "Dudley")
    assert {one.name, *one.aliases} == {"Dudley", "Ferranti"}
    assert [(merge.reason, merge.score) for merge in one.merges] == [("override", 1.0)]
    assert len(one.documents) == 3
    states(home, folder, with_rules, [None], monkeypatch)
    assert [found.name for found in explained(home, "Dudley")] == ["Dudley"]


def test_one_name_is_two_things_in_two_documents(
    home: Path, folder: Path, with_rules: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = '[[apart]]\nnames = [{ name = "Manchester", documents = "x/*" }, "Manchester"]'
    states(home, folder, with_rules, [None, apart], monkeypatch)
    one, other = explained(home, "Manchester")
    assert one.key == "Manchester"
    assert str(other.key).startswith("Manchester (")
    assert {tuple(one.documents), tuple(other.documents)} == {("x/ferranti.txt",), ("baby.txt",)}
    assert {reason.reason for reason in (*one.refusals, *other.refusals)} == {"override"}


def test_names_that_no_document_has_are_told(home: Path, with_rules: Run, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "aegis_pipeline"):
        result = with_rules('[[together]]\nnames = ["Feranti", "Ferranti"]')
    found = metadata(result, "deduplicated_entities")
    assert (found["aegis/overrides_unmatched"], found["aegis/unmatched_names"]) == (1, "'Feranti'")
    assert "overrides_unmatched" in caplog.text
    assert "Feranti" in caplog.text


def test_a_fault_in_the_file_is_told_before_any_work(
    home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AEGIS_MERGE_OVERRIDES", str(tmp_path / "none.toml"))
    module.settings.cache_clear()
    with pytest.raises(InputError, match=r"none\.toml: No such file"):
        aegis_run(folder)
    assert not home.exists()
