"""In which precision matrices are multiplied."""

from contextlib import AbstractContextManager

import torch

from aegis_pipeline.models.devices import computes_bfloat16


def mixed_precision(device: str) -> AbstractContextManager[object]:
    """bfloat16 on a GPU and on a CPU with instructions for it, where it halves the time or better; else float32."""
    kind = torch.device(device).type
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=kind == "cuda" or computes_bfloat16(device))
