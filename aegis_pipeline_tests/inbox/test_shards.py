"""Large folders as several batches: none is too large, and a file stays where it is."""

import random
from collections import Counter
from pathlib import Path

import pytest

from aegis_pipeline import tables
from aegis_pipeline.documents import FoundFile
from aegis_pipeline.errors import InputError
from aegis_pipeline.inbox import own_files, place, shards_of
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.records import DocumentStatus, ManifestRow

FOLDER = "docs-0123abcd"


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    return DocumentLake(str(tmp_path))


def files(*numbers: int) -> list[FoundFile]:
    return [FoundFile(f"{number}.txt") for number in numbers]


def paths(found: tuple[FoundFile, ...]) -> set[str]:
    return {file.path for file in found}


def test_whatever_comes_and_goes_a_file_stays_and_no_shard_is_too_large() -> None:
    chance, placed, there = random.Random(5), {}, set()
    for _ in range(60):
        there = {path for path in there if chance.random() > 0.2}
        there |= {str(chance.randrange(500)) for _ in range(chance.randrange(60))}
        after = place(sorted(there), placed, 25)
        assert after.keys() == there
        assert all(after[path] == placed[path] for path in there & placed.keys())
        assert max(Counter(after.values()).values(), default=0) <= 25
        placed = after


def test_free_places_are_filled_before_a_shard_is_opened() -> None:
    placed = place("abcdef", {}, 2)
    assert placed == {"a": 1, "b": 1, "c": 2, "d": 2, "e": 3, "f": 3}
    del placed["b"]
    assert place("acdefxyz", placed, 2) == {**placed, "x": 1, "y": 4, "z": 4}


def test_a_lower_limit_moves_nothing() -> None:
    placed = place("abcdef", {}, 3)
    assert place("abcdefxy", placed, 1) == {**placed, "x": 3, "y": 4}


def test_a_folder_within_the_limit_is_one_batch_and_leaves_no_trace(lake: DocumentLake) -> None:
    assert {key: paths(own) for key, own in shards_of(lake, FOLDER, files(1, 2), 2).items()} == {
        FOLDER: {"1.txt", "2.txt"}
    }
    assert own_files(lake, FOLDER) is None
    assert not lake.root.joinpath(FOLDER).exists()
    assert shards_of(lake, FOLDER, [], 2) == {}


def test_what_was_one_batch_stays_its_first_shard_when_the_folder_grows(lake: DocumentLake) -> None:
    read = [ManifestRow(f"{number}.txt", f"d{number}", DocumentStatus.PARSED) for number in (7, 8, 9)]
    lake.write(FOLDER, tables.MANIFEST, read)
    found = shards_of(lake, FOLDER, files(1, 2, 3, 4, 7, 8, 9), 3)
    assert {key: paths(own) for key, own in found.items()} == {
        FOLDER: {"7.txt", "8.txt", "9.txt"},
        f"{FOLDER}-s2": {"1.txt", "2.txt", "3.txt"},
        f"{FOLDER}-s3": {"4.txt"},
    }
    assert own_files(lake, f"{FOLDER}-s3") == {"4.txt"}
    assert list(shards_of(lake, FOLDER, files(1, 4), 3)) == [f"{FOLDER}-s2", f"{FOLDER}-s3"]
    assert own_files(lake, FOLDER) == frozenset()


def test_a_division_is_the_same_the_second_time_and_written_once(lake: DocumentLake) -> None:
    first = shards_of(lake, FOLDER, files(*range(10)), 3)
    stamp = lake.stamp(FOLDER, [tables.PLACES])
    assert shards_of(lake, FOLDER, files(*range(10)), 3) == first
    assert lake.stamp(FOLDER, [tables.PLACES]) == stamp


def test_a_shard_of_a_folder_that_has_none_says_what_to_do(lake: DocumentLake) -> None:
    with pytest.raises(InputError, match=f"aegis remove {FOLDER}-s2"):
        own_files(lake, f"{FOLDER}-s2")
