"""The commands of ``docs/service.md``, as they are written there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "service.md"


def commands(name: str) -> list[str]:
    """The lines of the block that the page marks with ``name``."""
    block = re.search(rf"<!-- {name} -->\n```console\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None, f"{PAGE} has no block {name!r}"
    return block[1].splitlines()
