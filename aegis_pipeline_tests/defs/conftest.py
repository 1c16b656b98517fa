"""A home of its own for each test, and a small folder of documents."""

from pathlib import Path

import pytest

from aegis_pipeline import settings as module

DOCUMENTS = {
    "ferranti.txt": "Sebastian de Ferranti founded Ferranti in 1885. The company was based in Manchester.",
    "baby/readme.md": "# Manchester Baby\n\nTom Kilburn was born in Dewsbury in 1921. He worked for Ferranti.",
    "baby/wilkes.html": "<p>Maurice Wilkes was born in Dudley. Wilkes studied at the University of Cambridge.</p>",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ``AEGIS_HOME`` that nothing else uses."""
    path = tmp_path / "home"
    monkeypatch.setenv("AEGIS_HOME", str(path))
    monkeypatch.setenv("DAGSTER_HOME", str(path / "dagster"))
    module.settings.cache_clear()
    yield path
    module.settings.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three small documents in three formats."""
    root = tmp_path / "documents"
    for name, text in DOCUMENTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root
