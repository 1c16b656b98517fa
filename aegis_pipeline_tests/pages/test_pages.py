"""Every command of every page: typed by a reader here, run by another test, or on the list with its reason."""

import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import typer

from aegis_pipeline.cli.main import app
from aegis_pipeline_tests.pages.conftest import Reader
from aegis_pipeline_tests.pages.markdown import PAGES, REPOSITORY, TUTORIALS, all_commands, blocks, commands

Test = TypeVar("Test", bound=Callable[..., None])
TESTS = Path(__file__).resolve().parents[1]
LISTS = tomllib.loads(Path(__file__).with_name("elsewhere.toml").read_text(encoding="utf-8"))
LISTED = [*LISTS["run"], *LISTS["not_run"]]
TYPED = {f"docs/tutorials/{page.name}" for page in TUTORIALS}
TYPED |= {"README.md", "docs/benchmarks.md", "docs/identity.md", "docs/logs.md"}


def real(test: Test) -> Test:
    """For a test in which a reader types commands: real models, Dagster, and minutes."""
    for mark in (pytest.mark.models, pytest.mark.dagster, pytest.mark.slow, pytest.mark.timeout(600)):
        test = mark(test)
    return test


def is_listed(command: str) -> bool:
    return any(re.match(entry["command"], command) for entry in LISTED)


def test_every_command_is_typed_or_listed() -> None:
    typed = {command for page, command in all_commands() if page in TYPED}
    assert [pair for pair in all_commands() if pair[1] not in typed and not is_listed(pair[1])] == []


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["command"])
def test_list_has_nothing_that_no_page_says(entry: dict[str, str]) -> None:
    assert any(re.match(entry["command"], command) for _, command in all_commands())


@pytest.mark.parametrize("entry", LISTS["run"], ids=lambda entry: entry["command"])
def test_the_test_that_runs_it_is_there(entry: dict[str, str]) -> None:
    assert entry["word"] in (TESTS / entry["test"]).read_text(encoding="utf-8")


def of_aegis() -> Iterator[tuple[str, str]]:
    """Page and what is said to ``aegis``, in blocks and within sentences."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if page.name != "cli.md":
            inline = re.findall(r"`(?:\.venv/bin/)?(aegis [a-z][^`]*)`", text)
            typed = [command for block in blocks(page) for command in commands(block)]
            for command in [*inline, *(found for line in typed for found in re.findall(r"\baegis [a-z].*", line))]:
                yield page.name, re.split(r"&&|[|;>]| 2>", command)[0].strip()


def test_whatever_is_said_to_aegis_is_a_command_with_options_that_it_has() -> None:
    wrong = [(page, said) for page, said in of_aegis() if not is_understood(said)]
    assert wrong == []
    assert not is_understood("aegis runn FOLDER")
    assert not is_understood("aegis run FOLDER --fast")


def is_understood(said: str) -> bool:
    """Whether the words before the options name a command, and the options are its own."""
    command: Any = typer.main.get_command(app)  # typer has a click of its own
    words = shlex.split(said.replace("…", ""))[1:]
    while hasattr(command, "commands") and words:
        if words[0] not in command.commands:
            return False
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return all(word.partition("=")[0] in known for word in words if word.startswith("--"))


def follow(page: Path, reader: Reader) -> None:
    """Write its files and type its commands, from top to bottom."""
    for block in blocks(page):
        if block.file:
            reader.write(block.file, block.text)
        for command in commands(block):
            if not is_listed(command):
                reader.type(command)


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
@real
def test_tutorial_does_what_it_says(page: Path, reader: Reader) -> None:
    follow(page, reader)


@real
def test_readme_does_what_it_says(reader: Reader) -> None:
    (reader.folder / "FOLDER").symlink_to(reader.folder / "samples" / "documents" / "companies")
    follow(REPOSITORY / "README.md", reader)


@real
def test_page_of_the_library_does_what_it_says(reader: Reader) -> None:
    """Its programs, as one: what a process has loaded, the second need not."""
    programs = [block.text for block in blocks(REPOSITORY / "docs" / "library.md") if block.language == "python"]
    reader.write("programs.py", "\n".join(programs))
    assert "Tom Kilburn was born in Dewsbury in 1921. Source(path='a', start=0, end=41)" in reader.type(
        "python programs.py"
    )


@real
def test_page_of_names_does_what_it_says(reader: Reader) -> None:
    assert "ICL" in reader.type("aegis demo && aegis explain ICL")
    follow(REPOSITORY / "docs" / "identity.md", reader)
    assert "International Computers Limited" in reader.type("aegis explain ICL")


@real
def test_page_of_benchmarks_does_what_it_says(reader: Reader) -> None:
    reader.environment["BENCHMARK_REPEATS"] = "1"
    committed = REPOSITORY / "docs" / "results" / "benchmark_results_sprint14.json"
    for name in ("old.json", "new.json"):
        reader.write(name, committed.read_text(encoding="utf-8"))
    follow(REPOSITORY / "docs" / "benchmarks.md", reader)
    assert (reader.folder / "summary.md").exists()


@real
@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not here: apt-get install jq")
def test_page_of_the_log_does_what_it_says(reader: Reader) -> None:
    companies = Path("aegis_pipeline", "samples", "documents", "companies")
    (reader.folder / companies).mkdir(parents=True)
    shutil.copy(REPOSITORY / companies / "acorn.pdf", reader.folder / companies)  # the only one that the page follows
    follow(REPOSITORY / "docs" / "logs.md", reader)
