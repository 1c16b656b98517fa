"""The pages, and what they tell a reader to type."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TUTORIALS = sorted((REPOSITORY / "docs" / "tutorials").glob("*.md"))
PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").glob("*.md")), *TUTORIALS]
SHELLS = {"console", "bash", "sh", "shell"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file that it is to become, if any, and its text."""

    language: str
    file: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """Those of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for told, body in re.findall(r"^```(.*?)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        language, _, file = told.partition(" ")
        yield Block(language, file, body)


def commands(block: Block) -> list[str]:
    """What is to be typed, a command each; where prompts are shown, only what stands after one."""
    if block.language not in SHELLS:
        return []
    lines = block.text.replace("\\\n", " ").splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [found for line in lines if (found := re.sub(r"\s+#.*$", "", line).strip()) and not found.startswith("#")]


def all_commands() -> list[tuple[str, str]]:
    """Page and command, of every page but that of the commands' own usage."""
    return [
        (page.relative_to(REPOSITORY).as_posix(), command)
        for page in PAGES
        if page.name != "cli.md"
        for block in blocks(page)
        for command in commands(block)
    ]
