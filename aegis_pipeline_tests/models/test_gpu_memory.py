"""A GPU's memory, on a fake of torch's allocator: 10 GB, of which 6 are torch's and 4 of these in use."""

import pytest
import torch

from aegis_pipeline.models.gpu_memory import (
    begin_peak,
    cleanup_gpu_memory,
    free_vram_gb,
    peak_vram_bytes,
    texts_at_once,
)


class FakeCuda:
    def __init__(self, *, initialized: bool = True) -> None:
        self.initialized, self.reserved, self.allocated, self.peak = initialized, 6e9, 4e9, 9e9

    def is_initialized(self) -> bool:
        return self.initialized

    def _is_in_bad_fork(self) -> bool:
        """Whoever seeds torch between the tests asks for it."""
        return True

    def empty_cache(self) -> None:
        self.reserved = self.allocated

    def reset_peak_memory_stats(self) -> None:
        self.peak = self.reserved

    def max_memory_reserved(self) -> float:
        return self.peak

    def memory_reserved(self) -> float:
        return self.reserved

    def memory_allocated(self) -> float:
        return self.allocated

    def mem_get_info(self) -> tuple[float, float]:
        return 10e9 - self.reserved, 10e9


def use(patch: pytest.MonkeyPatch, *, initialized: bool) -> FakeCuda:
    cuda = FakeCuda(initialized=initialized)
    patch.setattr(torch, "cuda", cuda)
    return cuda


def test_cleanup_gives_back_what_is_not_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = use(monkeypatch, initialized=True)
    assert free_vram_gb() == 6
    cleanup_gpu_memory()
    assert (cuda.reserved, free_vram_gb()) == (4e9, 6)


def test_peak_is_that_since_its_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, initialized=True)
    assert peak_vram_bytes() == 9e9
    begin_peak()
    assert peak_vram_bytes() == 6e9


def test_without_a_gpu_in_use_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = use(monkeypatch, initialized=False)
    cleanup_gpu_memory()
    begin_peak()
    assert (cuda.reserved, cuda.peak, free_vram_gb(), peak_vram_bytes()) == (6e9, 9e9, None, None)


def test_a_batch_is_as_large_as_asked_unless_it_would_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = use(monkeypatch, initialized=True)
    assert texts_at_once(10, 256) == 10
    cuda.reserved, cuda.allocated = 9.9e9, 9.9e9  # .1 GB is free: .08 of it hold three texts of 256 tokens
    assert texts_at_once(10, 256) == 3
    use(monkeypatch, initialized=False)
    assert texts_at_once(10, 256) == 10
