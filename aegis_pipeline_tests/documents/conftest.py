"""Settings with low limits, and the hostile folder, read once."""

from pathlib import Path

import pytest

from aegis_pipeline.documents import read_folder
from aegis_pipeline.records import FolderContents
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.documents import hostile

GOOD = "zz-good.txt"


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(_env_file=None, parse_memory_bytes=1_000_000_000)


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name in hostile.FILES:
        (folder / name).write_bytes(hostile.content(name))
    (folder / GOOD).write_text(hostile.ENGLISH)
    return folder


@pytest.fixture(scope="session")
def hostile_contents(hostile_folder: Path, settings: Settings) -> FolderContents:
    return read_folder(hostile_folder, settings, batch="hostile")
