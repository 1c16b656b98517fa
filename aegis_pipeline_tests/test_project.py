"""The project as a whole: public names, settings, documents, and what the pages promise."""

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import aegis_pipeline
from aegis_pipeline import settings as settings_module
from aegis_pipeline.errors import AegisError, SettingsError, TerminalError, TransientError
from aegis_pipeline.settings import Settings, settings

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = Path(aegis_pipeline.__file__).parent
PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", aegis_pipeline.__all__)
def test_public_name_is_there(name: str) -> None:
    assert getattr(aegis_pipeline, name).__name__ == name


def test_unknown_name_says_what_is_public() -> None:
    with pytest.raises(AttributeError, match="LightRAGWrapper"):
        aegis_pipeline.nothing  # noqa: B018


@pytest.mark.parametrize("room", ["documents", "mentions", "entities", "relations", "graph", "models"])
def test_rooms_export_what_they_list(room: str) -> None:
    module = import_module(f"aegis_pipeline.{room}")
    assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_read(name: str) -> None:
    """``aegis_home`` by the settings themselves, as ``home``."""
    sources = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    assert any(re.search(rf"\.{name}\b", source) for source in sources)


def test_wrong_settings_name_the_valid_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTION_BATCH_SIZE", "1000")
    settings_module.settings.cache_clear()
    with pytest.raises(SettingsError, match=r"EXTRACTION_BATCH_SIZE='1000'.*less than or equal to 100"):
        settings()
    settings_module.settings.cache_clear()


def test_errors_are_transient_or_terminal() -> None:
    def below(error: type[AegisError]) -> set[type[AegisError]]:
        return {error}.union(*(below(child) for child in error.__subclasses__()))

    assert below(AegisError) - {AegisError} == below(TransientError) | below(TerminalError)


def test_made_pages_are_what_the_code_says() -> None:
    command = [sys.executable, str(REPOSITORY / "scripts" / "build_docs.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


def test_every_merge_that_the_labels_call_wrong_was_read() -> None:
    results = REPOSITORY / "docs" / "results"
    measured = json.loads((results / "mentions.json").read_text(encoding="utf-8"))
    read = json.loads((results / "wrong-merges.json").read_text(encoding="utf-8"))
    rows = read["merges that the labels call wrong"]
    assert [[row["document"], *row["names"], row["pairs"]] for row in rows] == measured["wrong merges"]
    assert all(row["one thing"] != ("why not" in row) for row in rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.strip()
    for link, heading in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", text):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not heading or heading in headings(target), f"{link}#{heading}"


def headings(page: Path) -> set[str]:
    """As GitHub names them in links."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_ci_runs_what_the_readme_says() -> None:
    targets = re.findall(r"^make (\w+)$", (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert targets == ["lint", "test"]
    assert all(f"`make {target}`" in readme for target in targets)


def test_broad_excepts_stand_at_phase_boundaries_with_their_reason() -> None:
    """``BaseException`` is caught once, to remove half a graph before it goes on up."""
    caught = [
        line.strip()
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*except(:| (Base)?Exception)", line)
    ]
    assert sum("BaseException" in line for line in caught) == 1
    assert all("# noqa: BLE001 - " in line or "BaseException" in line for line in caught), caught
