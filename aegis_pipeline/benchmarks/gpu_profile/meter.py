"""Where the figures come from."""

from typing import Protocol

from aegis_pipeline.models.gpu_memory import cleanup_gpu_memory


class Meter(Protocol):
    """Bytes of a device that this process holds, now and at most."""

    device: str

    def held(self) -> int:
        """In use now, by tensors."""

    def begin(self) -> None:
        """The peak is measured from here on."""

    def peak(self) -> int:
        """The most since then, with what the allocator holds beside the tensors."""

    def end_of_work(self) -> None:
        """Wait for what was asked of the device: its clock is not ours."""

    def clean_up(self) -> None:
        """Give back what no tensor uses."""


class CudaMeter:
    """torch's own account of one GPU."""

    def __init__(self, device: str) -> None:
        self.device = device

    def held(self) -> int:
        """See ``Meter``."""
        import torch

        return int(torch.cuda.memory_allocated(self.device))

    def begin(self) -> None:
        """See ``Meter``."""
        import torch

        torch.cuda.reset_peak_memory_stats(self.device)

    def peak(self) -> int:
        """See ``Meter``."""
        import torch

        return int(torch.cuda.max_memory_reserved(self.device))

    def end_of_work(self) -> None:
        """See ``Meter``."""
        import torch

        torch.cuda.synchronize(self.device)

    def clean_up(self) -> None:
        """See ``Meter``."""
        cleanup_gpu_memory()
