"""The memory of the GPUs of this machine, by NVIDIA's management library: it takes none of that memory itself."""

from dataclasses import dataclass

import pynvml


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


def _memory(index: int) -> GpuMemory:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return GpuMemory(str(pynvml.nvmlDeviceGetName(handle)), int(memory.used), int(memory.total))
