"""Looks at an inbox: what they ask for, and what they never do."""

import os
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from aegis_pipeline.documents import FoundFile
from aegis_pipeline.errors import InputError, LakeError
from aegis_pipeline.inbox import BatchRequest, FolderState, InboxCursor, Look, TickLimits, batch_key, look, shards_of
from aegis_pipeline.lake import DocumentLake


class Watch:
    """An inbox, its cursor, and the batches that were asked for and not removed. ``SIZE`` files are a batch."""

    SIZE = 1_000

    def __init__(self, root: Path) -> None:
        self.inbox, self.lake = root / "inbox", DocumentLake(str(root / "lake"))
        self.cursor, self.batches = InboxCursor("inbox"), set[str]()
        self.inbox.mkdir()

    def drop(self, name: str, *, text: str = "text") -> None:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def divide(self, folder: Path, files: Sequence[FoundFile]) -> dict[str, tuple[FoundFile, ...]]:
        return shards_of(self.lake, batch_key(folder), files, self.SIZE)

    def look(self, limits: TickLimits | None = None, cursor: InboxCursor | None = None) -> Look:
        """One tick, without taking over what it knows."""
        return look(self.inbox, cursor or self.cursor, self.batches, self.divide, limits)

    def tick(self, limits: TickLimits | None = None) -> tuple[BatchRequest, ...]:
        """One tick as the daemon makes it: the cursor goes through text."""
        seen = self.look(limits)
        self.cursor = InboxCursor.load(seen.cursor.dump(), "inbox")
        self.batches |= {request.batch for request in seen.requests}
        self.batches -= {request.batch for request in seen.requests if request.is_removal}
        return seen.requests

    def asked(self, ticks: int) -> list[BatchRequest]:
        return [request for _ in range(ticks) for request in self.tick()]

    def names(self, ticks: int = 1, limits: TickLimits | None = None) -> list[str]:
        """What is asked for, as the folders' names, with ``-`` for a removal."""
        asked = (request for _ in range(ticks) for request in self.tick(limits))
        return [("-" if request.is_removal else "") + request.folder.name for request in asked]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def test_a_folder_is_taken_once_when_it_did_not_change_between_two_looks(watch: Watch) -> None:
    watch.drop("a/1.txt")
    assert watch.names() == []
    watch.drop("a/deep/2.txt")
    assert watch.names() == []
    assert watch.names() == ["a"]
    assert watch.names(ticks=3) == []


def test_the_marker_makes_a_folder_complete_at_once(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.drop("a/_SUCCESS")
    assert watch.names() == ["a"]
    assert watch.names(ticks=2) == []


def test_a_change_is_a_new_run_and_so_is_its_undoing(watch: Watch) -> None:
    """Dagster never runs a key twice: a folder that is as it was two changes ago must not have the key of then."""
    watch.drop("a/1.txt")
    watch.drop("a/2.txt")
    keys = [request.run_key for request in watch.asked(2)]
    (watch.inbox / "a/2.txt").rename(watch.inbox / "kept")
    keys += [request.run_key for request in watch.asked(2)]
    (watch.inbox / "kept").rename(watch.inbox / "a/2.txt")
    keys += [request.run_key for request in watch.asked(2)]
    assert len(set(keys)) == 3


def test_a_repeated_tick_asks_for_the_same_by_the_same_keys(watch: Watch) -> None:
    for name in ("a", "b", "c"):
        watch.drop(f"{name}/1.txt")
    watch.tick()
    before = watch.cursor
    asked = watch.tick()
    assert len(asked) == 3
    assert watch.look(cursor=before).requests == asked
    watch.drop("b/2.txt")  # still being written when the daemon is up again
    assert [request.folder.name for request in watch.look(cursor=before).requests] == ["a", "c"]
    assert watch.look(cursor=before).requests == (asked[0], asked[2])


def test_renamed_is_removed_and_new(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.drop("other/1.txt")
    watch.names(ticks=2)
    (watch.inbox / "a").rename(watch.inbox / "z")
    assert watch.names() == []
    assert sorted(watch.names()) == ["-a", "z"]
    (watch.inbox / "z").rename(watch.inbox / "a")
    assert sorted(watch.names(ticks=2)) == ["-z", "a"]
    assert set(watch.cursor.folders) == {"a", "other"}


def test_an_emptied_folder_and_one_that_never_had_files(watch: Watch) -> None:
    (watch.inbox / "never").mkdir()
    watch.drop("a/deep/1.txt")
    assert watch.names(ticks=3) == ["a"]
    (watch.inbox / "a/deep/1.txt").unlink()
    assert watch.names(ticks=3) == ["-a"]
    watch.drop("a/2.txt")
    assert watch.names(ticks=3) == ["a"]


def test_the_only_folder_may_go(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.names(ticks=2)
    shutil.rmtree(watch.inbox / "a")
    assert watch.names(ticks=3) == ["-a"]
    assert watch.cursor.folders == {}


def test_an_inbox_that_is_not_mounted_removes_nothing(watch: Watch) -> None:
    for name in ("a", "b"):
        watch.drop(f"{name}/1.txt")
    watch.names(ticks=2)
    away = watch.inbox.rename(watch.inbox.with_name("away"))
    with pytest.raises(InputError, match="cannot be listed"):
        watch.tick()
    watch.drop("another/volume.txt")
    for _ in range(3):
        with pytest.raises(InputError, match=r"None of the 2 folder.*aegis remove a-\w+ b-"):
            watch.tick()
    shutil.rmtree(watch.inbox)
    away.rename(watch.inbox)
    assert watch.names(ticks=3) == []


def test_the_only_folder_is_not_taken_for_gone_where_the_inbox_is_another_directory(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.names(ticks=2)
    watch.inbox.rename(watch.inbox.with_name("away"))
    watch.inbox.mkdir()
    with pytest.raises(InputError, match="Is it mounted"):
        watch.tick()


def test_what_was_removed_by_hand_is_no_reason_to_stop(watch: Watch) -> None:
    for name in ("a", "b"):
        watch.drop(f"{name}/1.txt")
    watch.names(ticks=2)
    shutil.rmtree(watch.inbox / "a")
    shutil.rmtree(watch.inbox / "b")
    watch.batches.clear()  # as `aegis remove` does
    watch.drop("c/1.txt")
    assert watch.names(ticks=3) == ["c"]
    assert set(watch.cursor.folders) == {"c"}


def test_what_was_removed_by_hand_comes_back_only_when_it_changes(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.names(ticks=2)
    watch.batches.clear()
    assert watch.names(ticks=3) == []
    watch.drop("a/2.txt")
    assert watch.names(ticks=2) == ["a"]


def test_a_tick_does_not_more_than_it_may_and_no_folder_waits_for_ever(watch: Watch) -> None:
    names = [f"f{number:02}" for number in range(25)]
    for name in names:
        for number in range(4):
            watch.drop(f"{name}/{number}.txt")
    few = TickLimits(requests=2, files=20)
    asked = [watch.names(limits=few) for _ in range(40)]
    assert max(map(len, asked)) == 2
    assert sorted(name for tick in asked for name in tick) == names
    watch.cursor = InboxCursor("inbox")
    for _ in range(2):
        watch.tick(few)
    assert list(watch.cursor.folders) == names[:10]


def test_a_folder_of_5000_files_is_five_batches_and_a_small_cursor(watch: Watch) -> None:
    (watch.inbox / "large").mkdir()
    for number in range(5_000):
        (watch.inbox / f"large/{number:04}.txt").touch()
    asked = [request.batch for request in watch.asked(3)]
    key = batch_key(watch.inbox / "large")
    assert asked == [key, *(f"{key}-s{number}" for number in (2, 3, 4, 5))]
    assert len(watch.cursor.dump()) < 1_000
    (watch.inbox / "large/1500.txt").unlink()
    assert [request.batch for request in watch.asked(3)] == [f"{key}-s2"]
    watch.drop("large/new.txt")
    watch.drop("large/newer.txt")
    assert sorted(request.batch for request in watch.asked(3)) == [f"{key}-s2", f"{key}-s6"]
    for path in (watch.inbox / "large").glob("[1-4]*.txt"):
        path.unlink()
    assert sorted(r.batch for r in watch.asked(3) if r.is_removal) == [f"{key}-s{number}" for number in (3, 4, 5)]
    shutil.rmtree(watch.inbox / "large")
    assert sorted(r.batch for r in watch.asked(3) if r.is_removal) == [key, f"{key}-s2", f"{key}-s6"]


def test_the_batches_of_one_folder_may_take_several_ticks(watch: Watch) -> None:
    watch.SIZE = 1  # type: ignore[misc]
    for number in range(5):
        watch.drop(f"a/{number}.txt")
    asked = [watch.names(limits=TickLimits(requests=2)) for _ in range(6)]
    assert asked == [[], ["a", "a"], ["a", "a"], ["a"], [], []]


def test_a_folder_that_cannot_be_looked_at_stays_as_it_was_and_keeps_none_from_being_taken(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.drop("b/1.txt")
    watch.names(ticks=2)

    def broken(watch: Watch, folder: Path, files: Sequence[FoundFile]) -> dict[str, tuple[FoundFile, ...]]:
        if folder.name == "a":
            raise LakeError("places.parquet does not hold places")
        return Watch.divide(watch, folder, files)

    watch.divide = partial(broken, watch)  # type: ignore[method-assign]
    watch.drop("a/2.txt")
    watch.drop("b/2.txt")
    watch.tick()
    seen = watch.look()
    assert [request.folder.name for request in seen.requests] == ["b"]
    assert "does not hold places" in seen.note
    assert set(seen.cursor.folders["a"].batches) == {batch_key(watch.inbox / "a")}


def test_names_of_any_kind_are_batches_of_their_own(watch: Watch) -> None:
    names = ["x", "X", "a b", "new\nline", "文", os.fsdecode(b"\xff"), "%FF"]
    for name in names:
        watch.drop(f"{name}/1.txt")
    assert sorted(watch.names(ticks=2)) == sorted(names)
    assert watch.names(ticks=2) == []


def test_a_cursor_of_another_inbox_knows_nothing_but_goes_on_counting(watch: Watch) -> None:
    watch.drop("a/1.txt")
    watch.names(ticks=2)
    other = InboxCursor.load(watch.cursor.dump(), "elsewhere")
    assert other == InboxCursor("elsewhere", revision=1)


def test_a_cursor_that_is_none_says_what_to_do() -> None:
    with pytest.raises(InputError, match="reset it"):
        InboxCursor.load("5", "inbox")
    assert InboxCursor.load(None, "inbox") == InboxCursor("inbox")
    state = {"ü": FolderState("s", "t", {"b": "f"})}
    assert InboxCursor.load(InboxCursor("i", folders=state).dump(), "i").folders == state
