"""Several processes and one graph: writers take turns, and a killed one leaves nothing behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aegis_pipeline.graph import EmbeddedGraphStore, expected_counts
from aegis_pipeline_tests.graph.worlds import batch, plain, text

_WRITE = """
import os, signal, sys
from pathlib import Path
from aegis_pipeline.graph import EmbeddedGraphStore, embedded, generations
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, text

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

root, name, seed, fault = sys.argv[1:]
if fault == "merging":
    embedded.apply = die
if fault == "committing":
    generations.Generations._commit = die
EmbeddedGraphStore(Path(root), ENCODER, 10).write(batch(name, {"x": text(int(seed)), "y": text(int(seed) + 1)}))
"""


def _start(root: Path, name: str, seed: int, fault: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _WRITE, str(root), name, str(seed), fault], stderr=subprocess.PIPE)


def test_processes_two_writers_at_once_are_both_there(store: EmbeddedGraphStore, root: Path) -> None:
    writers = [_start(root, name, seed) for name, seed in (("a", 1), ("b", 3))]
    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    for name, seed in (("a", 1), ("b", 3)):
        contribution = batch(name, {"x": text(seed), "y": text(seed + 1)})
        assert store.counts(contribution) == expected_counts(contribution)


@pytest.mark.parametrize("fault", ["merging", "committing"])
def test_processes_killed_write_leaves_the_graph_and_the_next_completes_it(
    store: EmbeddedGraphStore, root: Path, fault: str
) -> None:
    location = store.write(batch("a", {"z": text(9)})).location
    before = plain(store.graph())
    killed = _start(root, "b", 3, fault)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert len([path for path in root.iterdir() if path.is_dir()]) == 2
    assert store.describe() == location
    assert plain(store.graph()) == before
    contribution = batch("b", {"x": text(3), "y": text(4)})
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)
    kept = {path.name for path in root.iterdir() if path.is_dir()}
    assert kept == {Path(location).name, Path(store.describe()).name}
