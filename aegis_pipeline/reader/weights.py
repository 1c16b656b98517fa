"""Files of a network's weights (safetensors), in full precision while training and in 8 bits as they are shipped.

In 8 bits a matrix has whole numbers from -127 to 127 and one float32 a row to multiply them by, under the matrix's name
with ``:scale``; everything that is no matrix is float16. It is computed in float32 (or bfloat16) from that. The frozen
word embeddings are in no file: they are the encoder's.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from aegis_pipeline.errors import ModelError
from aegis_pipeline.models.hashes import sha256_of

_FROZEN = "backbone.bert.embeddings.word_embeddings.weight"
_SCALE = ":scale"
_LARGEST = 127
_TINY = 1e-12


def save_weights(network: nn.Module, path: Path) -> str:
    """Write what training changes, in full precision. Returns the file's sha256."""
    return _write(_trained(network), path)


def save_small(network: nn.Module, path: Path) -> str:
    """Write what training changes, in 8 bits. Returns the file's sha256."""
    small: dict[str, Tensor] = {}
    for name, value in _trained(network).items():
        if value.dim() == 2:
            small[name], small[name + _SCALE] = to_8_bits(value)
        else:
            small[name] = value.half()
    return _write(small, path)


def to_8_bits(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers of the matrix's shape, and a scale a row, ``(rows, 1)``; the largest number of a row is exact."""
    scale = matrix.abs().amax(1, keepdim=True).clamp_min(_TINY) / _LARGEST
    return torch.round(matrix / scale).to(torch.int8), scale


def load_weights(network: nn.Module, path: Path, sha256: str | None = None) -> None:
    """Fill a network over a fresh backbone with what :func:`save_weights` or :func:`save_small` wrote.

    Raises:
        ModelError: the file is missing, is no safetensors file, is not the one of that hash, or is of another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    got = sha256_of(path) if path.is_file() else "no such file"
    if got == "no such file" or sha256 not in (None, got):
        raise ModelError(f"{path}: sha256 got {got}, expected {sha256 or 'any'}. Install the weights again.")
    try:
        stored = load_file(path)
    except SafetensorError as error:
        raise ModelError(f"{path} is no safetensors file: {error}. Install the weights again.") from error
    _fill(network, _in_full(stored), path)


def _trained(network: nn.Module) -> dict[str, Tensor]:
    state = network.state_dict()
    return {name: value.to("cpu", torch.float32) for name, value in state.items() if name != _FROZEN}


def _write(weights: Mapping[str, Tensor], path: Path) -> str:
    from safetensors.torch import save_file

    save_file({name: value.contiguous() for name, value in weights.items()}, path)
    return sha256_of(path)


def _in_full(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every weight in float32; a matrix of 8 bits whose scales are missing is missing too."""
    whole = {name: value.float() for name, value in stored.items() if value.dtype is not torch.int8}
    scales = {name: whole.pop(name) for name in stored if name.endswith(_SCALE)}
    matrices = {name.removesuffix(_SCALE): scale for name, scale in scales.items()}
    return whole | {name: stored[name] * scale for name, scale in matrices.items() if name in stored}


def _fill(network: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    needed = {name: value.shape for name, value in network.state_dict().items() if name != _FROZEN}
    wrong = [
        name for name in needed.keys() | weights.keys() if needed.get(name) != getattr(weights.get(name), "shape", None)
    ]
    if wrong:
        raise ModelError(
            f"{path} has weights of another network: {sorted(wrong)[:3]} are missing, unknown or of another shape. "
            "Install the weights again."
        )
    network.load_state_dict(weights, strict=False)
