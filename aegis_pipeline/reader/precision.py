"""In which precision matrices are multiplied."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import nn

from aegis_pipeline.models.devices import computes_bfloat16


def mixed_precision(device: str) -> AbstractContextManager[object]:
    """bfloat16 on a GPU and on a CPU with instructions for it, where it halves the time or better; else float32."""
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=_multiplies_bfloat16(device))


def keep_rounded(network: nn.Module, device: str) -> None:
    """Round the matrices of a network that learns no more to what :func:`mixed_precision` would round them to at each
    text: the same results in half of the memory."""
    if _multiplies_bfloat16(device):
        for part in network.modules():
            if isinstance(part, nn.Linear):
                part.to(torch.bfloat16)


@contextmanager
def on_cpu(network: nn.Module, device: str) -> Iterator[None]:
    """The network computes on the CPU, in float32, and afterwards on ``device`` as before."""
    network.to("cpu", torch.float32)
    try:
        yield
    finally:
        network.to(device)
        keep_rounded(network.get_submodule("backbone"), device)


def _multiplies_bfloat16(device: str) -> bool:
    return torch.device(device).type == "cuda" or computes_bfloat16(device)
