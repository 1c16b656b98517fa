"""The memory of the GPUs of this machine, by NVIDIA's management library: it takes none of that memory itself."""

from dataclasses import dataclass

import pynvml

_GB = 1e9


@dataclass(frozen=True, slots=True)
class GpuMemory:
    """Bytes of one GPU: used, by whomever, and in all."""

    name: str
    used: int
    total: int


def gpu_memory() -> dict[str, GpuMemory]:
    """``cuda:N`` → its memory; empty where there is no driver, and so no GPU."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return {}
    try:
        return {f"cuda:{index}": _memory(index) for index in range(pynvml.nvmlDeviceGetCount())}
    finally:
        pynvml.nvmlShutdown()


def free_gb_of(device: str) -> float | None:
    """GB (10^9 bytes) that nobody uses of the card that DEVICE names; None where it is not there, or not NVIDIA's."""
    memory = gpu_memory().get(device if ":" in device else "cuda:0")
    return None if memory is None else (memory.total - memory.used) / _GB


def _memory(index: int) -> GpuMemory:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return GpuMemory(str(pynvml.nvmlDeviceGetName(handle)), int(memory.used), int(memory.total))
