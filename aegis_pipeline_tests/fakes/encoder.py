"""An encoder without weights: a text's vector is the sum of its words' vectors, so that cosine counts shared words."""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aegis_pipeline.models import Encoder, EncoderTokenizer

_WORD = re.compile(r"\w+|[^\w\s]")
_SPECIAL_TOKENS = 2
_DIMENSION = 384


class FakeTokenizer(EncoderTokenizer):
    """A token is a word or a sign; its id is a hash, and the words seen are remembered for ``decode``."""

    def __init__(self) -> None:
        self._words: dict[int, str] = {}

    def encode(self, content: str) -> list[int]:
        words = _WORD.findall(content.lower())
        ids = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words]
        self._words.update(zip(ids, words, strict=True))
        return ids

    def spans(self, content: str) -> list[tuple[int, int]]:
        return [found.span() for found in _WORD.finditer(content)]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(self._words[token] for token in tokens)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(self.encode(text)) + _SPECIAL_TOKENS for text in texts]


class FakeEncoder(Encoder):
    """Same size and limits as all-MiniLM-L6-v2."""

    def __init__(self) -> None:
        self.tokenizer = FakeTokenizer()
        self.dimension = _DIMENSION
        self.max_tokens = 256
        self.digest = "fake"
        self.bfloat16 = False

    def encode(self, texts: Sequence[str], batch_size: int = 32) -> NDArray[np.float32]:
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, _DIMENSION)

    def _vector(self, text: str) -> NDArray[np.float64]:
        tokens = self.tokenizer.encode(text)[: self.max_tokens - _SPECIAL_TOKENS]
        total = np.sum([_word_vector(token) for token in tokens or [0]], axis=0)
        return np.asarray(total / np.linalg.norm(total))


@lru_cache(maxsize=10_000)
def _word_vector(token: int) -> NDArray[np.float64]:
    return np.random.default_rng(token).standard_normal(_DIMENSION)
