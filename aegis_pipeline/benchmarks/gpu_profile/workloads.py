"""The models that a card is measured with: real weights where they come along, else the architecture with random ones.

An architecture with random weights takes the memory and the time of the trained model; it finds nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from aegis_pipeline.models.gpu_costs import known_costs

if TYPE_CHECKING:
    from torch import Tensor

TOKENS = 256
"""Tokens of one text, and of the context of one request."""

Work = Callable[[int], None]
"""Reads so many texts, or answers so many requests, at once."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A model, how it is made on a device, and what the table of costs says of it.

    ``weights`` says whether they are the trained model's; ``predicted_gb`` is for so many texts or requests at once.
    """

    name: str
    weights: str
    make: Callable[[str], Work]
    predicted_gb: Callable[[int], float]


def _encoder(device: str) -> Work:
    from aegis_pipeline.models.loading import load_encoder
    from aegis_pipeline.settings import settings

    encoder = load_encoder(settings().encoder_model, device=device)
    text = " ".join(["word"] * (TOKENS - 2))
    return lambda texts: _done(encoder.encode([f"{number} {text}" for number in range(texts)], texts))


def _spacy_transformer(device: str) -> Work:
    """RoBERTa-base, which en_core_web_trf stands on, in float32."""
    from transformers import RobertaConfig, RobertaModel

    config = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1)
    return partial(_read, _on(device, partial(RobertaModel, config)), device, config.vocab_size)


def _gemma(device: str) -> Work:
    """Gemma 3 4B's text layers in bfloat16, with the cache of its requests."""
    import torch
    from transformers import Gemma3ForCausalLM

    model = _on(device, partial(Gemma3ForCausalLM, gemma_config()), torch.bfloat16)
    return partial(_read, model, device, gemma_config().vocab_size, logits_to_keep=1)  # as a server asks for them


def gemma_config() -> Any:
    """As google/gemma-3-4b-it has it (its config.json)."""
    from transformers import Gemma3TextConfig

    return Gemma3TextConfig(
        vocab_size=262208,
        hidden_size=2560,
        intermediate_size=10240,
        num_hidden_layers=34,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=256,
        sliding_window=1024,
    )


def _on(device: str, make: Callable[[], Any], dtype: Any = None) -> Any:
    """A network with random weights, made where it is to be: none of it is ever in the memory of the CPU."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype or before)
    try:
        with torch.device(device):
            return make().eval()
    finally:
        torch.set_default_dtype(before)


def _read(model: Any, device: str, vocabulary: int, texts: int, **asked: int) -> None:
    import torch

    tokens: Tensor = torch.randint(5, vocabulary, (texts, TOKENS), device=device)
    with torch.inference_mode():
        model(input_ids=tokens, **asked)


def _done(_result: object) -> None:
    """What was found is of no interest."""


def _gb_of_texts(name: str, texts: int) -> float:
    cost = known_costs().texts[name]
    return cost.weights_gb + cost.gb_per_1000_tokens * texts * TOKENS / 1000


def _gb_of_requests(name: str, requests: int) -> float:
    cost = known_costs().llms[name]
    return cost.weights_gb + requests * cost.gb_of_request(TOKENS)


WORKLOADS = (
    Workload("encoder", "trained", _encoder, partial(_gb_of_texts, "encoder")),
    Workload("spacy_transformer", "random", _spacy_transformer, partial(_gb_of_texts, "spacy_transformer")),
    Workload("gemma3:4b-it-fp16", "random", _gemma, partial(_gb_of_requests, "gemma3:4b-it-fp16")),
)
