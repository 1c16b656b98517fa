"""Generations: a copy is written, and holds when it is complete."""

from pathlib import Path

import pytest

from aegis_pipeline.graph.generations import Generations


def _write(generations: Generations, content: str) -> str:
    with generations.writing() as name:
        (generations.folder(name) / "file").write_text(content)
    return name


def test_generations_begin_with_none(root: Path) -> None:
    assert Generations(root).current is None
    assert not root.exists()


def test_generations_writer_gets_a_copy(root: Path) -> None:
    generations = Generations(root)
    first = _write(generations, "one")
    with generations.writing() as second:
        assert second != first == generations.current
        assert (generations.folder(second) / "file").read_text() == "one"
        (generations.folder(second) / "file").write_text("two")
        assert (generations.folder(first) / "file").read_text() == "one"
    assert generations.current == second
    assert Generations(root).current == second


def test_generations_keep_the_last_two(root: Path) -> None:
    generations = Generations(root)
    names = [_write(generations, str(n)) for n in range(4)]
    (root / "gleft-by-a-killed-writer").mkdir()
    for note in ("gleft-by-a-killed-writer.json", ".gleft-by-a-killed-writer.json"):
        (root / note).touch()
    names.append(_write(generations, "5"))
    assert not list(root.glob("*.json"))
    assert {path.name for path in root.iterdir() if path.is_dir()} == set(names[-2:])


def test_generations_failed_write_leaves_nothing(root: Path) -> None:
    generations = Generations(root)
    first = _write(generations, "one")
    with pytest.raises(ZeroDivisionError), generations.writing():
        _ = 1 / 0
    assert generations.current == first
    assert [path.name for path in root.iterdir() if path.is_dir()] == [first]
    assert _write(generations, "two") == generations.current


def test_generations_names_never_come_again(tmp_path: Path) -> None:
    """LightRAG keeps state by this name for the whole process."""
    assert _write(Generations(tmp_path / "a"), "") != _write(Generations(tmp_path / "b"), "")
