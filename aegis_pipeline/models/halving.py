"""Going on where memory ends: a batch is halved until it fits, and one item alone may be computed elsewhere."""

import gc
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from aegis_pipeline.errors import MemoryEndedError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.models.gpu_memory import cleanup_gpu_memory

Item = TypeVar("Item")
Result = TypeVar("Result")

_log = event_log(__name__)
_halved: list[int] = []
# torch raises a plain RuntimeError where its allocator for the CPU, cuBLAS or the driver has no memory left.
_TORCH_SAYS = ("can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


def halving(
    work: Callable[[Sequence[Item]], Iterable[Result]],
    items: Sequence[Item],
    elsewhere: Callable[[Sequence[Item]], Iterable[Result]] | None = None,
) -> list[Result]:
    """What ``work`` makes of ``items``, one result each, in as many parts as memory asks for.

    One item for which it does not suffice goes to ``elsewhere``, for example to the CPU.

    Raises:
        MemoryEndedError: one item alone is too much, and nothing else can compute it.
    """
    try:
        return list(work(items))
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
    # Not in the block above: the traceback would hold what is to be freed.
    gc.collect()
    cleanup_gpu_memory()
    if len(items) == 1:
        if elsewhere is None:
            raise MemoryEndedError(
                "Memory does not suffice for one text or document alone. End what else uses it, or set DEVICE=cpu "
                "where it is the GPU's, and run the batch again: nothing that was made is lost."
            )
        _tell(items)
        return halving(elsewhere, items)
    _tell(items)
    half = len(items) // 2
    return [result for part in (items[:half], items[half:]) for result in halving(work, part, elsewhere)]


def _tell(items: Sequence[object]) -> None:
    _halved.append(len(items))
    _log.warning(Event.BATCH_HALVED, items=len(items))


def halved_so_far() -> int:
    """How many batches this process has halved: what a phase has is the difference between its end and its start."""
    return len(_halved)


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that memory ended, in whichever words."""
    return isinstance(error, MemoryError) or any(said in str(error) for said in _TORCH_SAYS)
