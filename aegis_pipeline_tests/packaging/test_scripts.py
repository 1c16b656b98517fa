"""No script is left over from a trial."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((REPOSITORY / "scripts").glob("*.py"))
_FOLDERS, _SUFFIXES = ("scripts", "docs", "aegis_pipeline", "aegis_pipeline_tests"), {".py", ".md", ".json", ".toml"}


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """Whatever may name a script."""
    folders = (path for folder in _FOLDERS for path in (REPOSITORY / folder).rglob("*") if path.suffix in _SUFFIXES)
    paths = (REPOSITORY / "Makefile", REPOSITORY / "README.md", *folders)
    return {path: path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_is_named_by_what_needs_it(script: Path, texts: dict[Path, str]) -> None:
    assert any(script.stem in text for path, text in texts.items() if path != script)
