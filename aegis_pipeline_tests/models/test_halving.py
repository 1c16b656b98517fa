"""Where memory ends, with work that has room for so many items and no more."""

from collections.abc import Callable, Sequence

import pytest

from aegis_pipeline.errors import MemoryEndedError
from aegis_pipeline.models.halving import halved_so_far, halving

CPU_ALLOCATOR = "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 96 bytes."


def doubling(room: int, error: Exception, tried: list[int]) -> Callable[[Sequence[int]], list[int]]:
    """Doubles up to ``room`` items at once; ``tried`` gets how many it was given, call by call."""

    def work(items: Sequence[int]) -> list[int]:
        tried.append(len(items))
        if len(items) > room:
            raise error
        return [2 * item for item in items]

    return work


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError(CPU_ALLOCATOR), RuntimeError("CUDA out of memory.")])
def test_halving_computes_every_item_in_order(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    tried: list[int] = []
    before = halved_so_far()
    assert halving(doubling(2, error, tried), range(7)) == [0, 2, 4, 6, 8, 10, 12]
    assert tried == [7, 3, 1, 2, 4, 2, 2]
    assert halved_so_far() - before == 3
    assert "batch_halved items=7" in caplog.text


def test_halving_calls_once_what_fits() -> None:
    tried: list[int] = []
    before = halved_so_far()
    assert halving(doubling(9, MemoryError(), tried), range(7)) == list(range(0, 14, 2))
    assert (tried, halved_so_far()) == ([7], before)


def test_halving_leaves_other_errors_alone() -> None:
    tried: list[int] = []
    with pytest.raises(RuntimeError, match="another"):
        halving(doubling(1, RuntimeError("another"), tried), range(4))
    assert tried == [4]


def test_halving_computes_elsewhere_what_does_not_fit_alone() -> None:
    tried: list[int] = []

    def elsewhere(items: Sequence[int]) -> list[int]:
        return [-item for item in items]

    def work(items: Sequence[int]) -> list[int]:
        return doubling(0 if 3 in items else 9, MemoryError(), tried)(items)

    assert halving(work, range(5), elsewhere) == [0, 2, 4, -3, 8]


def test_halving_of_one_item_that_fits_nowhere_says_what_to_do() -> None:
    for elsewhere in (None, doubling(0, MemoryError(), [])):
        with pytest.raises(MemoryEndedError, match="DEVICE=cpu"):
            halving(doubling(0, MemoryError(), []), [1], elsewhere)
