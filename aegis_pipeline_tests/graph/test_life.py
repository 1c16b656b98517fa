"""The life of a graph: whatever was added, changed, removed, merged, parted or killed before, it equals a fresh build.

Every row in every file is compared, but for the times of writing.
"""

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline.documents import sentence_spans
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, expected_counts
from aegis_pipeline_tests.graph.reference import stored
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, Linking, batch, text

REPOSITORY = Path(__file__).resolve().parents[2]
REAL = REPOSITORY.parent / "shared" / "data" / "redocred_dev.jsonl"
GOLD = REPOSITORY / "aegis_pipeline" / "samples" / "gold" / "identity.jsonl"
TIMES = {"create_time", "update_time", "created_at", "updated_at", "__created_at__", "__write_seq__"}

# What each batch takes a name to be, and what it takes to be the same or not.
BATCH_TYPES = {"a": TYPES, "b": {**TYPES, "EDSAC": "event", "Lyons": "place"}, "c": {**TYPES, "Lyons": "place"}}
LINKINGS = (
    Linking(),
    Linking(same={"Lyons": "Ferranti"}),
    Linking(same={"Ferranti": "Lyons", "EDSAC": "Lyons"}),
    Linking(apart=frozenset({"Lyons", "EDSAC"})),
)


def rows(store: EmbeddedGraphStore) -> dict[str, dict[Any, dict[str, Any]]]:
    """Everything that the store has on disk, without times; nothing before the first write."""
    folder = Path(store.describe())
    found = stored(folder) if any(folder.glob("*.graphml")) else {}
    return {name: {row_id: _untimed(row) for row_id, row in own.items()} for name, own in found.items() if own}


def _untimed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in TIMES}


def afresh(folder: Path, *batches: BatchContribution) -> dict[str, dict[Any, dict[str, Any]]]:
    store = EmbeddedGraphStore(folder, ENCODER, 10)
    for contribution in batches:
        store.write(contribution)
    return rows(store)


def real_texts(path: Path, count: int) -> tuple[dict[str, str], dict[str, str]]:
    """Texts by name, and the type of every name that is annotated in them."""
    with path.open(encoding="utf-8") as file:
        documents = [json.loads(line) for line in islice(file, count)]
    types = {document["text"][m["start"] : m["end"]]: m["type"] for document in documents for m in document["mentions"]}
    return {document["id"]: document["text"] for document in documents}, dict(sorted(types.items()))


def sample_texts() -> tuple[dict[str, str], dict[str, str]]:
    """The bundled samples, each cut in two."""
    texts, types = real_texts(GOLD, 100)
    halves = {}
    for name, whole in texts.items():
        middle = sentence_spans(whole)[len(sentence_spans(whole)) // 2].start
        halves |= {f"{name}-1": whole[:middle], f"{name}-2": whole[middle:]}
    return halves, types


def lives(
    texts: Mapping[str, str], types: Mapping[str, str], seed: int, steps: int
) -> Iterator[dict[str, BatchContribution]]:
    """States of three batches, each a few changes away from the one before: documents come, change and go, and names
    become one entity and part again."""
    source = random.Random(seed)
    names, alternatives = sorted(texts), sorted(set(types.values()))
    files: dict[str, dict[str, str]] = {name: {} for name in "abc"}
    states: dict[str, BatchContribution] = {}
    for _ in range(steps):
        name = source.choice("abc")
        own = {path: content for path, content in files[name].items() if source.random() > 0.25}
        own |= {path: texts[source.choice(names)] for path in source.sample(names, source.randrange(4))}
        files[name] = own
        odd = {entity: source.choice(alternatives) for entity in source.sample(sorted(types), len(types) // 5)}
        first, second, *apart = source.sample(sorted(types), 6)
        linking = source.choice([Linking(), Linking({first: second}, frozenset(apart))])
        states[name] = batch(name, own, {**types, **odd}, linking)
        yield dict(states)


def check_life(
    store: EmbeddedGraphStore, folder: Path, states: Iterator[dict[str, BatchContribution]], seed: int
) -> None:
    source, before = random.Random(seed), dict[str, BatchContribution]()
    for number, state in enumerate(states):
        (changed,) = (name for name in state if before.get(name) is not state[name])
        store.write(state[changed])
        for contribution in state.values():
            assert store.counts(contribution) == expected_counts(contribution)
        order = source.sample(sorted(state), len(state))
        assert rows(store) == afresh(folder / str(number), *(state[name] for name in order))
        before = state


@pytest.mark.parametrize("seed", range(6))
def test_life_of_small_documents(store: EmbeddedGraphStore, tmp_path: Path, seed: int) -> None:
    texts = {f"f{number}": text(number, sentences=2) for number in range(30)}
    check_life(store, tmp_path, lives(texts, TYPES, seed, steps=6), seed)


@pytest.mark.parametrize("seed", range(2))
def test_life_of_samples(store: EmbeddedGraphStore, tmp_path: Path, seed: int) -> None:
    check_life(store, tmp_path, lives(*sample_texts(), seed, steps=5), seed)


@pytest.mark.shared
@pytest.mark.skipif(not REAL.exists(), reason="the labelled data is not beside the checkout")
@pytest.mark.parametrize("seed", range(2))
def test_life_of_30_real_documents(store: EmbeddedGraphStore, tmp_path: Path, seed: int) -> None:
    check_life(store, tmp_path, lives(*real_texts(REAL, 30), seed, steps=8), seed)


@pytest.mark.parametrize("seed", range(3))
def test_life_merged_and_parted_entities_leave_no_trace(store: EmbeddedGraphStore, tmp_path: Path, seed: int) -> None:
    """The same mentions, grouped another way at each write."""
    source = random.Random(seed)
    texts = {f"f{number}": text(seed * 10 + number) for number in range(6)}
    other = batch("other", {"x": text(99)})
    store.write(other)
    for number in range(6):
        contribution = batch("b", texts, linking=source.choice(LINKINGS))
        store.write(contribution)
        assert store.counts(contribution) == expected_counts(contribution)
        assert store.counts(other) == expected_counts(other)
        assert rows(store) == afresh(tmp_path / str(number), contribution, other)


def test_life_every_order_of_batches_gives_one_graph(tmp_path: Path) -> None:
    """With homonyms of other types, and of the same type within a batch."""
    batches = [
        batch(
            name,
            {f"f{n}": text(10 * seed + n) for n in range(3)},
            BATCH_TYPES[name],
            (LINKINGS[0], LINKINGS[3])[seed % 2],
        )
        for seed, name in enumerate(BATCH_TYPES)
    ]
    built = [afresh(tmp_path / str(number), *order) for number, order in enumerate(permutations(batches))]
    assert all(graph == built[0] for graph in built)
    nodes = built[0]["nodes"]
    assert {key: nodes[key]["entity_type"] for key in nodes if nodes[key]["name"] == "Lyons"} == {
        "Lyons": "place",
        "Lyons (organization)": "organization",
        "Lyons (place, id-doc-b-f1|Lyons)": "place",
        "Lyons (place, id-doc-b-f2|Lyons)": "place",
    }


def test_life_plain_name_moves_to_the_type_of_most_batches(store: EmbeddedGraphStore, tmp_path: Path) -> None:
    """And the documents of other batches are written under the new keys in the same write."""
    first = batch("a", {"x": "Lyons employs Ferranti."})
    place = {**TYPES, "Lyons": "place"}
    others = [batch(name, {"y": f"Lyons contains Manchester {name}."}, place) for name in "bc"]
    store.write(first)
    store.write(others[0])
    assert {"Lyons", "Lyons (place)"} <= store.graph().nodes.keys()
    changes = store.write(others[1]).changes
    graph = store.graph()
    assert graph.nodes["Lyons"]["entity_type"] == "place"
    assert graph.nodes["Lyons (organization)"]["name"] == "Lyons"
    assert ("Ferranti", "Lyons (organization)") in graph.edges
    assert [change.path for change in changes.documents] == ["y"]
    assert {(c.kind, c.head, c.tail) for c in changes.statements} >= {
        ("removed", "Lyons", "Ferranti"),
        ("added", "Lyons (organization)", "Ferranti"),
    }
    for contribution in (first, *others):
        assert store.counts(contribution) == expected_counts(contribution)
    store.remove("c")
    assert rows(store) == afresh(tmp_path / "afresh", others[0], first)
    store.remove("b")
    assert store.graph().nodes.keys() == {"Lyons", "Ferranti"}


def test_life_names_alone_may_change(store: EmbeddedGraphStore) -> None:
    first = batch("a", {"x": "Lyons employs Ferranti."})
    store.write(first)
    names = {thing: naming._replace(aliases=("J. Lyons",)) for thing, naming in first.names.items()}
    changes = store.write(replace(first, names=names)).changes
    assert store.graph().nodes["Lyons"]["aliases"] == '["J. Lyons"]'
    assert changes.documents == ()
    assert [(change.key, change.details) for change in changes.entities] == [
        ("Ferranti", ("alias +J. Lyons", "alias -FERRANTI!")),
        ("Lyons", ("alias +J. Lyons", "alias -LYONS!")),
    ]


def test_life_removing_a_batch_that_is_not_there_names_those_that_are(store: EmbeddedGraphStore) -> None:
    store.write(batch("a", {"x": "Lyons employs Ferranti."}))
    with pytest.raises(InputError, match="no batch 'b' in the graph; there are: a"):
        store.remove("b")


_WRITE = """
import os, signal, sys
from pathlib import Path
from aegis_pipeline.graph import EmbeddedGraphStore
from aegis_pipeline_tests.graph.worlds import ENCODER, batch, text

root, moment = Path(sys.argv[1]), int(sys.argv[2])
contribution = batch("b", {"x": text(3), "y": text(4)})
seen = 0

def count(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir") and str(root) in str(arguments[0]):
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
EmbeddedGraphStore(root, ENCODER, 10).write(contribution)
"""


@pytest.mark.parametrize("moment", random.Random(5).sample(range(1, 70), 6))
def test_life_write_killed_at_any_touch_of_a_file_is_completed_by_the_next(
    store: EmbeddedGraphStore, root: Path, tmp_path: Path, moment: int
) -> None:
    first, new = batch("a", {"z": text(9)}), batch("b", {"x": text(3), "y": text(4)})
    store.write(first)
    before = rows(store)
    killed = subprocess.run([sys.executable, "-c", _WRITE, str(root), str(moment)], stderr=subprocess.PIPE, check=False)
    after = afresh(tmp_path / "afresh", first, new)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, b"")
    assert rows(store) in (before, after)
    assert store.counts(first) == expected_counts(first)
    store.write(new)
    assert rows(store) == after
    assert store.last_changes() is not None
    assert len([path for path in root.iterdir() if path.is_dir()]) <= 2
