"""What a graph in servers remembers where its rows are in files."""

import asyncio
from pathlib import Path

import pytest

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.changes import GraphChanges
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.rows import EDGES, NODES
from aegis_pipeline.graph.served_archive import Archived, FolderArchive
from aegis_pipeline.graph.servers.storable import check_storable
from aegis_pipeline.graph.undo import undo_of
from aegis_pipeline.graph.update import Update
from aegis_pipeline_tests.graph.worlds import batch, text

PENDING = {NODES: {"Lyons"}, EDGES: {("EDSAC", "Lyons")}}


async def test_archive_keeps_corpus_undo_and_changes(tmp_path: Path) -> None:
    archive, before = FolderArchive(tmp_path / "new"), Corpus()
    assert (await archive.read(), await archive.changes(), await archive.undo("b")) == (None, None, None)
    change = before.change(batch("b", {"x": text(1)}))
    undo, changes = undo_of(before, change), GraphChanges("b", "now")
    await archive.begin("digest", PENDING)
    assert await archive.read() == Archived("digest", Corpus(), PENDING)
    await archive.commit(before, change.after, undo, changes)
    again = FolderArchive(tmp_path / "new")
    assert await again.read() == Archived("digest", change.after, {})
    assert (await again.undo("b"), await again.changes()) == (undo, changes)
    await again.begin("digest", PENDING)
    assert await archive.read() == Archived("digest", change.after, PENDING)


async def test_archive_has_one_writer_at_a_time(tmp_path: Path) -> None:
    seen: list[str] = []

    async def write(name: str) -> None:
        async with FolderArchive(tmp_path).locked():
            seen.append(name)
            await asyncio.sleep(0.05)
            seen.append(name)

    await asyncio.gather(*(write(name) for name in "abc"))
    assert [seen[n] == seen[n + 1] for n in (0, 2, 4)] == [True] * 3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({NODES: {"A": {"name": "a\x00b"}}}, "NUL"),
        ({NODES: {"A\ud800": {}}}, "surrogate"),
        ({"entity_chunks": {"A": {"chunk_ids": ["\x00"]}}}, "NUL"),
        ({EDGES: {("A", "\x00"): {}}}, "NUL"),
        ({"text_chunks": {"c" * 256: {}}}, "256 characters"),
        ({NODES: {"n" * 513: {}}}, "513 characters"),
    ],
)
def test_archive_what_no_server_keeps_is_refused(rows: dict[str, dict[object, dict[str, object]]], said: str) -> None:
    with pytest.raises(GraphError, match=said):
        check_storable(Update({}, rows))


def test_archive_what_only_looks_odd_is_kept() -> None:
    check_storable(Update({}, {NODES: {"\\u0000": {"weight": 1.0, "name": "'); DROP TABLE x; --", "aliases": None}}}))
