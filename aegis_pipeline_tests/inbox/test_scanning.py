"""What is taken for a folder of the inbox, when it is complete, and what changes its fingerprint."""

import os
from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.inbox import fingerprint, inbox_folders, scan

NAMES = ["plain", "Plain", "with space", "new\nline", "ünïcode 文", os.fsdecode(b"\xff\xfe")]


def test_folders_of_any_name_are_found_and_nothing_else(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    for name in [*NAMES, ".hidden"]:
        (inbox / name).mkdir(parents=True)
    (inbox / "loose.txt").write_text("no batch")
    (inbox / "link").symlink_to(tmp_path)
    folders, _ = inbox_folders(inbox)
    assert sorted(folders.values()) == sorted(inbox / name for name in NAMES)
    assert len({name.encode("utf-8") for name in folders}) == len(NAMES)


def test_another_directory_at_the_same_place_is_told_apart(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    _, before = inbox_folders(inbox)
    inbox.rename(tmp_path / "away")
    inbox.mkdir()
    assert inbox_folders(inbox)[1] != before


def test_an_inbox_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="AEGIS_INBOX"):
        inbox_folders(tmp_path / "inbox")


def test_the_fingerprint_is_that_of_paths_sizes_and_times(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.txt", "deep/b.txt", os.fsdecode(b"\xff.txt")):
        (tmp_path / name).write_text("text")
    seen = [fingerprint(scan(tmp_path).files)]
    os.utime(tmp_path / "deep/b.txt", ns=(0, 1))
    seen.append(fingerprint(scan(tmp_path).files))
    (tmp_path / "a.txt").rename(tmp_path / "c.txt")
    seen.append(fingerprint(scan(tmp_path).files))
    (tmp_path / "c.txt").unlink()
    seen.append(fingerprint(scan(tmp_path).files))
    assert len(set(seen)) == 4
    (tmp_path / "_SUCCESS").touch()
    assert fingerprint(scan(tmp_path).files) == seen[-1]


def test_the_marker_counts_while_nothing_is_younger(tmp_path: Path) -> None:
    document, marker = tmp_path / "a.txt", tmp_path / "_SUCCESS"
    document.write_text("text")
    assert not scan(tmp_path).is_complete
    marker.touch()
    os.utime(document, ns=(0, 1_000))
    os.utime(marker, ns=(0, 1_000))
    assert scan(tmp_path).is_complete
    assert [file.path for file in scan(tmp_path).files] == ["a.txt"]
    os.utime(document, ns=(0, 1_001))
    assert not scan(tmp_path).is_complete
