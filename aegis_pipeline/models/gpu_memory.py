"""A GPU's memory as this process sees it: what is free, its peak, and giving back what nobody uses."""

import gc
import sys
from typing import Any

from aegis_pipeline.models.gpu_costs import calculate_optimal_batch_size

_GB = 1e9


def cleanup_gpu_memory() -> None:
    """Drop what is held in cycles, and give back what torch keeps of a GPU's memory for later; nothing on a CPU."""
    if (cuda := _used_cuda()) is not None:
        gc.collect()
        cuda.empty_cache()


def begin_peak() -> None:
    """Measure the peak of :func:`peak_vram_bytes` from now on."""
    if (cuda := _used_cuda()) is not None:
        cuda.reset_peak_memory_stats()


def peak_vram_bytes() -> int | None:
    """The most bytes that torch has held on the GPU since :func:`begin_peak`; None where it does not use one."""
    cuda = _used_cuda()
    return None if cuda is None else int(cuda.max_memory_reserved())


def free_vram_gb() -> float | None:
    """GB (10^9 bytes) that this process may still take, with what torch holds and does not use; None without a GPU in
    use. What an LLM's server on the same card holds is not in it."""
    if (cuda := _used_cuda()) is None:
        return None
    free, _total = cuda.mem_get_info()
    return float(free + cuda.memory_reserved() - cuda.memory_allocated()) / _GB


def texts_at_once(most: int, tokens_per_text: int) -> int:
    """``most``, or as many texts as a loaded spaCy transformer reads within 80 % of what is free on the GPU in use."""
    free = free_vram_gb()
    if free is None:
        return most
    return min(most, calculate_optimal_batch_size(free, tokens_per_text=tokens_per_text, loaded=True))


def _used_cuda() -> Any | None:
    """torch's CUDA, of whoever uses it: asking must neither import torch nor take memory of a GPU."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None
