"""An empty graph with the encoder that needs no weights."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_pipeline.graph import EmbeddedGraphStore
from aegis_pipeline_tests.graph.worlds import ENCODER


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "graph"


@pytest.fixture
def store(root: Path) -> Iterator[EmbeddedGraphStore]:
    opened = EmbeddedGraphStore(root, ENCODER, 10)
    yield opened
    opened.close()
