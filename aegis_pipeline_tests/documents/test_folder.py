"""Walking and reading a folder: everything in it gets a row, and nothing outside of it is ever reached."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from aegis_pipeline.documents import document_id, known_documents, read_folder
from aegis_pipeline.documents.files import read_bytes, walk
from aegis_pipeline.errors import DocumentError, InputError
from aegis_pipeline.records import DocumentStatus, FolderContents, ManifestRow
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.documents.hostile import ENGLISH, GERMAN


def rows(contents: FolderContents) -> dict[str, ManifestRow]:
    return {row.path: row for row in contents.manifest}


def statuses(folder: Path, settings: Settings) -> dict[str, DocumentStatus]:
    return {path: row.status for path, row in rows(read_folder(folder, settings)).items()}


def test_read_folder_gives_documents_of_nested_folders_their_own_ids(tmp_path: Path, settings: Settings) -> None:
    for name in ("a", "b/c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "readme.md").write_text(f"# Title\n\n{ENGLISH}")
    contents = read_folder(tmp_path, settings, batch="one")
    first, second = contents.documents
    assert (first.path, second.path) == ("a/readme.md", "b/c/readme.md")
    assert first.text == second.text == f"Title\n\n{ENGLISH}"
    assert first.content_hash == second.content_hash
    assert [first.id, second.id] == [document_id("one", first.path), document_id("one", second.path)]
    assert first.id != second.id != read_folder(tmp_path, settings, batch="two").documents[1].id


def test_read_folder_row_says_what_was_read(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "a.txt").write_bytes(GERMAN.encode("cp1252"))
    (row,) = read_folder(tmp_path, settings, languages=frozenset({"en", "de"})).manifest
    assert (row.status, row.format, row.encoding, row.language) == (DocumentStatus.PARSED, "txt", "cp1252", "de")
    assert (row.size_bytes, row.characters, row.error) == (len(GERMAN), len(GERMAN), None)
    assert row.content_hash is not None
    assert row.language_confidence is not None
    assert row.language_confidence > 0.9


def test_read_folder_refuses_links_pipes_and_sockets(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(ENGLISH)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.txt").write_text(ENGLISH)
    for name, target in {
        "dangling.txt": "nowhere",
        "outside.txt": "../outside/secret.txt",
        "outside-folder": "../outside",
        "inside.txt": "good.txt",
        "cycle": ".",
        "self.txt": "self.txt",
        "device.txt": "/dev/zero",
    }.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
        found = statuses(folder, settings)
    assert found.pop("good.txt") is DocumentStatus.PARSED
    assert len(found) == 9
    assert set(found.values()) == {DocumentStatus.REFUSED}


def test_read_folder_reads_a_folder_that_is_itself_a_link(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text(ENGLISH)
    (tmp_path / "link").symlink_to("real")
    assert statuses(tmp_path / "link", settings) == {"a.txt": DocumentStatus.PARSED}


def test_read_folder_keeps_names_that_are_no_utf8(tmp_path: Path, settings: Settings) -> None:
    for name in (b"caf\xe9.txt", b"caf%E9.txt"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text(ENGLISH)  # noqa: PTH118 - bytes
    contents = read_folder(tmp_path, settings)
    assert [row.path for row in contents.manifest] == ["caf%25E9.txt", "caf%E9.txt"]
    assert len({document.id for document in contents.documents}) == 2


def test_read_folder_refuses_what_is_hidden_and_does_not_enter_it(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "notes.txt").write_text(ENGLISH)
    assert statuses(tmp_path, settings) == {".git": DocumentStatus.REFUSED}


def test_read_folder_gives_a_folder_named_like_a_document_a_row(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "x.pdf").mkdir()
    (tmp_path / "x.pdf" / "in.txt").write_text(ENGLISH)
    (tmp_path / "plain").mkdir()
    assert statuses(tmp_path, settings) == {"x.pdf": DocumentStatus.REFUSED, "x.pdf/in.txt": DocumentStatus.PARSED}


def test_read_folder_reads_no_large_file(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "zeros.txt").open("wb") as zeros:
        zeros.truncate(200_000_000)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("opened"))
    (found,) = walk(tmp_path)
    with pytest.raises(DocumentError, match="200,000,000 bytes, at most 20,000,000") as error:
        read_bytes(tmp_path, found, settings.max_document_bytes)
    assert error.value.status is DocumentStatus.TOO_LARGE


def test_read_bytes_stops_at_the_limit_of_a_file_that_grew(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (found,) = walk(tmp_path)
    (tmp_path / "a.txt").write_text("a" * 100)
    with pytest.raises(DocumentError, match="more than 10 bytes"):
        read_bytes(tmp_path, found, 10)


def test_read_bytes_refuses_what_took_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (found,) = walk(tmp_path)
    (tmp_path / "kept").write_text("other")
    (tmp_path / "kept").replace(tmp_path / "a.txt")
    with pytest.raises(DocumentError, match="took its place") as error:
        read_bytes(tmp_path, found, 100)
    assert error.value.status is DocumentStatus.REFUSED


@pytest.mark.parametrize("make", [lambda path: os.mkfifo(path), lambda path: path.symlink_to("/dev/zero")])
def test_read_bytes_waits_for_no_pipe_and_follows_no_link(tmp_path: Path, make: object) -> None:
    (tmp_path / "a.txt").write_text("a")
    (found,) = walk(tmp_path)
    (tmp_path / "a.txt").unlink()
    make(tmp_path / "a.txt")  # type: ignore[operator]
    with pytest.raises(DocumentError):
        read_bytes(tmp_path, found, 100)


def test_read_folder_gives_a_vanished_file_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (found,) = walk(tmp_path)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(DocumentError, match="No such file") as error:
        read_bytes(tmp_path, found, 100)
    assert error.value.status is DocumentStatus.UNREADABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_read_folder_gives_unreadable_files_and_folders_a_row(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file.txt").write_text(ENGLISH)
    (tmp_path / "file.txt").chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    assert set(statuses(tmp_path, settings).items()) == {
        ("file.txt", DocumentStatus.UNREADABLE),
        ("folder", DocumentStatus.UNREADABLE),
    }


def test_walk_gives_a_folder_too_deep_for_the_system_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    (found,) = walk(tmp_path)
    assert found.fault is not None
    assert found.fault.status is DocumentStatus.UNREADABLE


@pytest.mark.parametrize(("name", "message"), [("none", "no such folder"), ("file", "a file, not a folder")])
def test_read_folder_says_what_is_wrong_with_the_folder(
    tmp_path: Path, settings: Settings, name: str, message: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=message):
        read_folder(tmp_path / name, settings)


def test_read_folder_of_an_empty_folder_is_empty(tmp_path: Path, settings: Settings) -> None:
    assert read_folder(tmp_path, settings) == FolderContents((), ())


def test_read_folder_takes_unchanged_documents_from_known(tmp_path: Path, settings: Settings) -> None:
    for name in ("same.txt", "changed.txt"):
        (tmp_path / name).write_text(ENGLISH)
    before = read_folder(tmp_path, settings)
    known = {
        key: (row, replace(document, text="From before. " + document.text))
        for key, (row, document) in known_documents(before).items()
    }
    (tmp_path / "changed.txt").write_text(ENGLISH + " More.")
    after = read_folder(tmp_path, settings, known=known)
    assert [document.text for document in after.documents] == [ENGLISH + " More.", "From before. " + ENGLISH]
    assert read_folder(tmp_path, settings, known=known_documents(after)) == after


def test_read_folder_reports_progress(tmp_path: Path, settings: Settings) -> None:
    for name in ("a.txt", "b.bin", "c.txt"):
        (tmp_path / name).write_text(ENGLISH)
    seen: list[tuple[int, int]] = []
    read_folder(tmp_path, settings, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_marker_of_a_complete_folder_is_no_document(tmp_path: Path, settings: Settings) -> None:
    for name in ("_SUCCESS", "deep/_SUCCESS", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A text.")
    assert statuses(tmp_path, settings).keys() == {"a.txt", "deep/_SUCCESS"}


def test_only_the_files_of_a_shard_are_read(tmp_path: Path, settings: Settings) -> None:
    names = ["a.txt", "b.txt", os.fsdecode(b"\xff.txt")]
    for name in names:
        (tmp_path / name).write_text("A text.")
    contents = read_folder(tmp_path, settings, only={"b.txt", "%FF.txt", "gone.txt"})
    assert {row.path for row in contents.manifest} == {"b.txt", "%FF.txt"}
    assert len(contents.documents) == 2
