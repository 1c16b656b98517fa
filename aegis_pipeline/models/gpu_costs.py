"""How much of a GPU's memory models take, and so how much they can do at once: a model of ``gpu_costs.toml``."""

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TARGET = 0.8
"""The share of the free memory to fill: the rest is for what the model of costs does not know."""
MOST_TEXTS = 100
"""What EXTRACTION_BATCH_SIZE may be at most."""
_CHUNK_TOKENS = 256


@dataclass(frozen=True, slots=True)
class TextCost:
    """GB (10^9 bytes) of a network that reads texts."""

    weights_gb: float
    gb_per_1000_tokens: float
    source: str


@dataclass(frozen=True, slots=True)
class LlmCost:
    """GB (10^9 bytes) of a language model on its server; its cache grows with requests and with their context."""

    weights_gb: float
    gb_per_request: float
    gb_per_1000_context_tokens: float
    source: str

    def gb_of_request(self, context_tokens: int) -> float:
        """The cache of one request."""
        return self.gb_per_request + self.gb_per_1000_context_tokens * context_tokens / 1000


@dataclass(frozen=True, slots=True)
class Costs:
    """Every row of ``gpu_costs.toml``, by its name."""

    texts: dict[str, TextCost]
    llms: dict[str, LlmCost]


@lru_cache(maxsize=1)
def known_costs() -> Costs:
    """What is known of models."""
    rows = tomllib.loads(Path(__file__).with_name("gpu_costs.toml").read_text(encoding="utf-8"))
    return Costs(
        {name: TextCost(**row) for name, row in rows["texts"].items()},
        {name: LlmCost(**row) for name, row in rows["llms"].items()},
    )


def calculate_optimal_batch_size(
    available_vram_gb: float, *, tokens_per_text: int = _CHUNK_TOKENS, loaded: bool = False
) -> int:
    """How many texts the spaCy transformer reads at once within 80 % of what is free: 1 to 100.

    ``loaded`` says that its weights are on the GPU already, and so not in ``available_vram_gb``. Where one text does
    not fit either, the answer is still 1: what reads it goes to the CPU when memory ends (``halving``).

    Raises:
        ValueError: ``available_vram_gb`` is negative or no number.
    """
    cost = known_costs().texts["spacy_transformer"]
    room = _room(available_vram_gb, 0.0 if loaded else cost.weights_gb)
    return _between(1, room / (cost.gb_per_1000_tokens * tokens_per_text / 1000), MOST_TEXTS)


def optimal_parallel_requests(available_vram_gb: float, model: str, context_tokens: int, most: int) -> int:
    """How many requests of an LLM's server fit beside its weights within 80 % of what is free: 1 to ``most``.

    ``available_vram_gb`` includes what the server holds now. A model that is not in the table may have ``most``:
    nothing is known of it.

    Raises:
        ValueError: ``available_vram_gb`` is negative or no number.
    """
    cost = known_costs().llms.get(model)
    if cost is None:
        return most
    return _between(1, _room(available_vram_gb, cost.weights_gb) / cost.gb_of_request(context_tokens), most)


def _room(available_gb: float, weights_gb: float) -> float:
    if not (math.isfinite(available_gb) and available_gb >= 0):
        raise ValueError(f"available_vram_gb={available_gb}: valid are GB of free memory, 0 or more.")
    return TARGET * available_gb - weights_gb


def _between(least: int, found: float, most: int) -> int:
    return max(least, min(math.floor(found), most))
