"""Rows of a graph in files that were lost, changed or added behind the store's back are found, and mended."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from aegis_pipeline.graph import EmbeddedGraphStore
from aegis_pipeline.graph.audit.faults import RowFault
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline_tests.graph.test_life import rows
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, text

GRAPH, TEXTS = "graph_chunk_entity_relation.graphml", "kv_store_text_chunks.json"
LINKS, VECTORS = "kv_store_entity_chunks.json", "vdb_relationships.json"
Change = Callable[[Any], None]


def in_json(name: str, change: Change) -> Change:
    def apply(folder: Path) -> None:
        content = json.loads((folder / name).read_bytes())
        change(content)
        (folder / name).write_text(json.dumps(content))

    return apply


def in_graph(change: Change) -> Change:
    def apply(folder: Path) -> None:
        graph = nx.read_graphml(folder / GRAPH)
        change(graph)
        nx.write_graphml(graph, folder / GRAPH)

    return apply


def dangle(links: dict[str, Any]) -> None:
    links["Lyons"]["chunk_ids"].append("no-such-chunk")


FAULTS: dict[str, tuple[Change, RowFault, str]] = {
    "a file lost": (lambda folder: (folder / VECTORS).unlink(), RowFault.MISSING, "relationships_vdb"),
    "a text lost": (in_json(TEXTS, lambda texts: texts.popitem()), RowFault.MISSING, "text_chunks"),
    "a node lost": (in_graph(lambda graph: graph.remove_node("Lyons")), RowFault.MISSING, "nodes"),
    "an edge lost": (in_graph(lambda graph: graph.remove_edge(*next(iter(graph.edges)))), RowFault.MISSING, "edges"),
    "a node of nobody's": (
        in_graph(lambda graph: graph.add_node("Nobody", entity_id="Nobody", source_id="gone")),
        RowFault.ORPHANED,
        "nodes",
    ),
    "a text of nobody's": (
        in_json(TEXTS, lambda texts: texts.update(gone={"content": "…", "full_doc_id": "gone"})),
        RowFault.ORPHANED,
        "text_chunks",
    ),
    "a link to no chunk": (in_json(LINKS, dangle), RowFault.DANGLING, "entity_chunks"),
    "another description": (
        in_graph(lambda graph: graph.nodes["Lyons"].update(description="A tea shop.")),
        RowFault.DIFFERENT,
        "nodes",
    ),
}


@pytest.fixture
def written(store: EmbeddedGraphStore) -> EmbeddedGraphStore:
    store.write(batch("a", {"v": text(9)}))
    store.write(batch("b", {"x": text(1), "y": text(2)}))
    return store


@pytest.mark.parametrize("name", FAULTS)
def test_audit_finds_and_mends_a_row(written: EmbeddedGraphStore, name: str) -> None:
    plant, fault, kind = FAULTS[name]
    before = rows(written)
    written.close()
    plant(Path(written.describe()))
    assert rows(written) != before
    found = written.faults()
    assert (fault, kind) in found.counts
    assert written.mend() == found
    assert rows(written) == before
    assert not written.faults()


def test_audit_finds_nothing_in_a_sound_graph_and_writes_nothing(written: EmbeddedGraphStore) -> None:
    place = written.describe()
    assert not written.mend()
    assert written.describe() == place


def test_audit_leaves_documents_of_stock_lightrag_alone(written: EmbeddedGraphStore) -> None:
    """And what rests on them, be it also ours."""
    folder = Path(written.describe())
    written.close()
    status = {"file_path": "theirs.txt", "chunks_list": ["theirs-0"], "status": "processed"}
    in_json("kv_store_doc_status.json", lambda rows: rows.update(theirs=status))(folder)
    in_json(TEXTS, lambda rows: rows.update({"theirs-0": {"content": "…", "full_doc_id": "theirs"}}))(folder)
    in_json(LINKS, lambda rows: rows["Lyons"]["chunk_ids"].append("theirs-0"))(folder)
    in_graph(lambda graph: graph.add_node("Theirs", entity_id="Theirs", source_id="theirs-0"))(folder)
    assert not written.faults()


def test_audit_removes_what_killed_writers_left(written: EmbeddedGraphStore, root: Path) -> None:
    time.sleep(0.05)  # later than the graph by the file system's clock too, which ticks every few milliseconds
    (root / "gkilled").mkdir()
    (root / "gkilled.json").touch()
    assert written.faults().leftovers == 1
    written.mend()
    assert not list(root.glob("gkilled*"))
    assert Generations(root).current is not None
    assert not written.faults()


def test_audit_of_no_graph_finds_nothing(store: EmbeddedGraphStore) -> None:
    assert not store.mend()


def test_rebuild_writes_every_row_anew(written: EmbeddedGraphStore, root: Path) -> None:
    before, place = rows(written), written.describe()
    written.close()
    FAULTS["a file lost"][0](Path(written.describe()))
    written.rebuild([batch("b", {"x": text(1), "y": text(2)})])
    assert rows(written) == before
    assert written.describe() != place
    assert written.last_changes().is_empty  # type: ignore[union-attr]


def test_rebuild_of_another_text_is_told_and_a_fresh_build(written: EmbeddedGraphStore, tmp_path: Path) -> None:
    changed = batch("b", {"x": text(7)})
    written.rebuild([changed])
    fresh = EmbeddedGraphStore(tmp_path / "fresh", ENCODER, 10)
    fresh.write(batch("a", {"v": text(9)}))
    fresh.write(changed)
    assert rows(written) == rows(fresh)
    assert not written.last_changes().is_empty  # type: ignore[union-attr]
