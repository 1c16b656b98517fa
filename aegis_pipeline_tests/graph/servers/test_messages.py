"""The page on the production profile quotes what the checks say."""

import re
from pathlib import Path

import aegis_pipeline

REPOSITORY = Path(__file__).resolve().parents[3]
CHECKS = Path(aegis_pipeline.__file__).parent / "graph" / "servers"


def test_every_message_of_the_page_is_said() -> None:
    page = (REPOSITORY / "docs" / "production.md").read_text(encoding="utf-8")
    table = page.split("| the message has |")[1].split("\n\n")[0]
    quoted = [text for row in table.splitlines()[2:] for text in re.findall(r"`([^`]+)`", row.split("|")[1])]
    sources = "".join(path.read_text(encoding="utf-8") for path in CHECKS.glob("*.py"))
    said = re.sub(r'"\s+f?"', "", sources)
    assert len(quoted) > 10
    assert [text for text in quoted if text not in said] == []
