"""A batch taken out of the graph, of the legacy graph and of the lake; nothing else, and also after a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_pipeline import tables
from aegis_pipeline.graph import EmbeddedGraphStore, Graph
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.graph_pipeline import LIBRARY_BATCH
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.legacy_llm import legacy_llm
from aegis_pipeline.pipeline.removal import Removal, remove_batch
from aegis_pipeline.records import Document, PlacedFile
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.fakes.ollama_server import FERRANTI, FakeOllama, serve
from aegis_pipeline_tests.graph.worlds import ENCODER, batch

GONE, SHARD = "docs-0123abcd", "docs-0123abcd-s2"
TEXTS = {
    GONE: {"1.txt": "Ferranti employs Tom Kilburn.", "2.txt": "Lyons contains EDSAC."},
    "other": {"1.txt": "Ferranti employs Maurice Wilkes."},
    LIBRARY_BATCH: {"1.txt": "Lyons employs Maurice Wilkes."},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedGraphStore]:
    opened = EmbeddedGraphStore(tmp_path / "graph", ENCODER, 10)
    for name, texts in TEXTS.items():
        opened.write(batch(name, texts))
    yield opened
    opened.close()


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    lake = DocumentLake(str(tmp_path / "lake"))
    for name in (GONE, SHARD, "other"):
        lake.bind(name, "folder")
        lake.write(name, tables.DOCUMENTS, [])
    lake.write(GONE, tables.PLACES, [PlacedFile("1.txt", 1)])
    return lake


@pytest.fixture
def without(tmp_path: Path) -> Graph:
    """What the graph is where the batch never was."""
    store = EmbeddedGraphStore(tmp_path / "without", ENCODER, 10)
    for name in ("other", LIBRARY_BATCH):
        store.write(batch(name, TEXTS[name]))
    graph = store.graph()
    store.close()
    return graph


def values(graph: Graph) -> list[dict[object, dict[str, object]]]:
    """Everything but the times."""
    rows: tuple[dict[object, dict[str, object]], ...] = (graph.nodes, graph.edges)  # type: ignore[assignment]
    return [{key: {n: v for n, v in row.items() if n != "created_at"} for key, row in kind.items()} for kind in rows]


def test_what_a_batch_contributed_goes_and_all_else_stays(
    store: EmbeddedGraphStore, lake: DocumentLake, without: Graph
) -> None:
    assert remove_batch(GONE, lake, store, None, is_last=False) == Removal(documents=2, legacy_documents=0, files=2)
    assert values(store.graph()) == values(without)
    assert lake.batches() == [SHARD, "other"]
    assert lake.has(GONE, tables.PLACES)  # other batches of the folder are divided by it
    assert remove_batch(GONE, lake, store, None, is_last=False) == Removal(0, 0, 0)
    assert remove_batch(SHARD, lake, store, None, is_last=True) == Removal(0, 0, 3)
    assert [path.name for path in lake.root.iterdir()] == ["other"]
    assert values(store.graph()) == values(without)


def test_a_removal_that_was_killed_is_completed(
    store: EmbeddedGraphStore, lake: DocumentLake, without: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    for place, name in [(EmbeddedGraphStore, "write"), (DocumentLake, "remove")]:
        with monkeypatch.context() as patched:
            patched.setattr(place, name, killed)
            with pytest.raises(KeyboardInterrupt):
                remove_batch(GONE, lake, store, None, is_last=True)
        assert GONE in lake.batches()  # what is left of it can still be found
    assert remove_batch(GONE, lake, store, None, is_last=True).files == 3
    assert values(store.graph()) == values(without)
    assert not (lake.root / GONE).exists()


def test_the_legacy_graph_loses_the_batch_too(tmp_path: Path, store: EmbeddedGraphStore, lake: DocumentLake) -> None:
    with serve(FakeOllama(answers={"ferranti": FERRANTI})) as server:
        settings = Settings(_env_file=None, aegis_home=tmp_path, ollama_host=server.url)
        legacy = LegacyPipeline(settings, ENCODER, legacy_llm(settings))
        for name in (GONE, "other"):
            legacy.update(name, [Document(f"d-{name}", "1.txt", f"Ferranti of {name}.", "hash")])
        assert remove_batch(GONE, lake, store, legacy, is_last=False).legacy_documents == 1
        assert (legacy.documents(GONE), len(legacy.documents("other"))) == ((), 1)
