"""Networks and their files: the encoder that they begin from, and what training made of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from aegis_pipeline.errors import ModelError
from aegis_pipeline.models.bundled import verify
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.models.sources import Origin, find_model, how_to_get
from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.tokens import ReaderTokenizer

if TYPE_CHECKING:
    from transformers import BertModel

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
"""The encoder whose word embeddings and tokenizer the weights belong to; a setting cannot change it."""

_FROZEN = "backbone.bert.embeddings.word_embeddings.weight"
_HIDDEN_DROPOUT, _ATTENTION_DROPOUT = 0.1, 0.0  # a mask for attention costs a third of the training time on a CPU


def encoder_folder() -> Path:
    """Where the encoder lies.

    Raises:
        ModelError: it is not on this machine, or is not what was recorded.
    """
    source = find_model("encoder", ENCODER)
    if source.origin in (Origin.MISSING, Origin.HUB):
        raise ModelError(f"The reader stands on the encoder {ENCODER}, which is not here. {how_to_get(source)}")
    if source.bundled is not None:
        verify(source.bundled, Path(source.location))
    return Path(source.location)


def load_tokenizer() -> ReaderTokenizer:
    """The encoder's tokenizer.

    Raises:
        ModelError: the encoder is not on this machine.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return ReaderTokenizer(tokenizer)


def new_backbone() -> Backbone:
    """A fresh copy of the encoder, as it is before training.

    Raises:
        ModelError: the encoder is not on this machine.
    """
    return Backbone(_bert(encoder_folder()))


def _bert(folder: Path) -> "BertModel":
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    config = BertConfig.from_pretrained(folder)
    config.hidden_dropout_prob, config.attention_probs_dropout_prob = _HIDDEN_DROPOUT, _ATTENTION_DROPOUT
    bert = BertModel(config, add_pooling_layer=False)
    _fill(bert, load_file(folder / "model.safetensors"), folder)
    return bert


def _fill(
    network: nn.Module, weights: Mapping[str, Tensor], origin: Path, missing: frozenset[str] = frozenset()
) -> None:
    lacks = set(network.load_state_dict(weights, strict=False).missing_keys) - missing
    if lacks:
        raise ModelError(
            f"{origin} lacks weights of the reader: {sorted(lacks)[:3]}. Train them, or install them again."
        )


def save_weights(network: nn.Module, path: Path, dtype: torch.dtype = torch.float32) -> str:
    """Write what training changes; the frozen word embeddings are the encoder's. Returns the file's sha256."""
    from safetensors.torch import save_file

    state = {name: value.to("cpu", dtype).contiguous() for name, value in network.state_dict().items()}
    save_file({name: value for name, value in state.items() if name != _FROZEN}, path)
    return sha256_of(path)


def load_weights(network: nn.Module, path: Path, sha256: str | None = None) -> None:
    """Fill a network over a fresh backbone with what :func:`save_weights` wrote.

    Raises:
        ModelError: the file is missing, is no safetensors file, is not the one of that hash, or lacks weights.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    got = sha256_of(path) if path.is_file() else "no such file"
    if got == "no such file" or sha256 not in (None, got):
        raise ModelError(f"{path}: sha256 got {got}, expected {sha256 or 'any'}. Install the weights again.")
    try:
        weights: dict[str, Any] = load_file(path)
    except SafetensorError as error:
        raise ModelError(f"{path} is no safetensors file: {error}. Install the weights again.") from error
    _fill(network, weights, path, frozenset({_FROZEN}))
