"""Keys of shards, there and back."""

from pathlib import Path

import pytest

from aegis_pipeline.inbox import batch_key, folder_key, shard_key


@pytest.mark.parametrize("name", ["reports", "a-0123abcd-s2", "s2", "ünïcode 文"])
def test_shard_key_is_read_back(name: str, tmp_path: Path) -> None:
    key = batch_key(tmp_path / name)
    assert folder_key(key) == (key, 1)
    assert [folder_key(shard_key(key, number)) for number in (1, 2, 30)] == [(key, 1), (key, 2), (key, 30)]


@pytest.mark.parametrize("batch", ["library", "my-s2", "reports-0123abcd-s0", "reports-0123abcd-s2\n"])
def test_a_key_that_is_no_shard_is_its_own_folder(batch: str) -> None:
    assert folder_key(batch) == (batch, 1)
