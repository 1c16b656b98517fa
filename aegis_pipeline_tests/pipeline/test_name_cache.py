"""A name is encoded once; only what is in use is kept, and only for its encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.name_cache import NameVectorCache
from aegis_pipeline_tests.fakes.encoder import FakeEncoder


class CountingEncoder(FakeEncoder):
    """Remembers what it was given, call by call."""

    def __init__(self, digest: str = "one", *, bfloat16: bool = False) -> None:
        super().__init__()
        self.digest, self.bfloat16 = digest, bfloat16
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str], batch_size: int = 32) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        return super().encode(texts, batch_size)


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    return DocumentLake(str(tmp_path))


def run(
    lake: DocumentLake, names: Sequence[str], encoder: CountingEncoder | None = None
) -> tuple[NDArray[np.float32], list[str]]:
    counting = encoder or CountingEncoder()
    cache = NameVectorCache(lake, "b", counting)
    found = cache.encode(names)
    cache.save()
    return found, [name for call in counting.calls for name in call]


def test_name_cache_gives_the_encoders_vectors(lake: DocumentLake) -> None:
    for names in (["Ada", "Bob", "Ada"], ["Bob", "Cleo Day", "Ada"], []):
        found, _ = run(lake, names)
        assert np.array_equal(found, FakeEncoder().encode(names))
        assert found.dtype == np.float32


def test_name_cache_encodes_a_name_once(lake: DocumentLake) -> None:
    assert run(lake, ["Ada", "Bob", "Ada"])[1] == ["Ada", "Bob"]
    assert run(lake, ["Bob", "Cleo"])[1] == ["Cleo"]
    assert run(lake, ["Bob", "Cleo"])[1] == []


def test_name_cache_does_not_keep_what_is_out_of_use(lake: DocumentLake) -> None:
    run(lake, ["Ada", "Bob"])
    run(lake, ["Bob"])
    assert [row.name for row in lake.read("b", tables.NAME_VECTORS)] == ["Bob"]


@pytest.mark.parametrize("other", [CountingEncoder("two"), CountingEncoder(bfloat16=True)], ids=["digest", "precision"])
def test_name_cache_does_not_mix_encoders(lake: DocumentLake, other: CountingEncoder) -> None:
    run(lake, ["Ada", "Bob"])
    assert run(lake, ["Bob"], other)[1] == ["Bob"]
    assert run(lake, ["Ada", "Bob"])[1] == ["Ada", "Bob"]


def test_name_cache_keeps_all_that_was_asked_for_in_parts(lake: DocumentLake) -> None:
    cache = NameVectorCache(lake, "b", CountingEncoder())
    cache.encode(["Ada"])
    cache.encode(["Bob"])
    cache.save()
    assert run(lake, ["Bob", "Ada"])[1] == []
