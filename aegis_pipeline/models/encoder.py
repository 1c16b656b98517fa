"""A sentence encoder: texts in, unit vectors out, and the tokenizer that says how much of a text it reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers import BertModel


class EncoderTokenizer:
    """The encoder's tokenizer in the form that LightRAG asks for. Safe for threads: nothing in it changes."""

    def __init__(self, tokenizer: "Tokenizer") -> None:
        self._tokenizer = tokenizer

    def encode(self, content: str) -> list[int]:
        """Token ids of the whole text, without special tokens; nothing is cut."""
        return list(self._tokenizer.encode(content, add_special_tokens=False).ids)

    def spans(self, content: str) -> list[tuple[int, int]]:
        """The characters of each token, in order; end exclusive."""
        return list(self._tokenizer.encode(content, add_special_tokens=False).offsets)

    def decode(self, tokens: Sequence[int]) -> str:
        """A text for token ids; an uncased model gives it back in lower case."""
        return str(self._tokenizer.decode(list(tokens)))

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as the encoder would read it, special tokens included; nothing is cut."""
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def __deepcopy__(self, memo: dict[int, Any]) -> "EncoderTokenizer":
        """Itself: LightRAG copies its fields for every document, and a copy of the vocabulary takes milliseconds."""
        return self


class Encoder:
    """A sentence-transformers model with what the phases need of it.

    ``dimension`` is the length of a vector, ``max_tokens`` how many tokens of a text are read (special ones included),
    ``digest`` the hash of its files, for versions. With ``bfloat16`` matrices are multiplied in that precision; vectors
    are float32 either way (docs/quality.md has the gain and how near the vectors are).
    """

    def __init__(self, model: "SentenceTransformer", digest: str, *, bfloat16: bool = False) -> None:
        self._model = model
        self.bfloat16 = bfloat16
        self.digest = digest
        self.uncut_tokenizer = _uncut_tokenizer(model.tokenizer)
        self.tokenizer = EncoderTokenizer(self.uncut_tokenizer)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 0)

    @property
    def transformer(self) -> "BertModel":
        """The network under the vectors, of an encoder that is a BERT."""
        return cast("BertModel", self._model[0].auto_model)

    def encode(self, texts: Sequence[str], batch_size: int = 32) -> NDArray[np.float32]:
        """One row a text, shape ``(len(texts), dimension)``, of length 1; longer texts are cut at ``max_tokens``.

        Equal texts are encoded once: a page of one sign repeated costs what one chunk of it does.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        import torch

        rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
            vectors = self._model.encode(
                list(rows),
                batch_size=batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32)[[rows[text] for text in texts]]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included."""
        return self.tokenizer.count(texts)


def _uncut_tokenizer(tokenizer: Any) -> "Tokenizer":
    """A copy that neither cuts nor pads: the model's own is set to both, and changes while it encodes."""
    from tokenizers import Tokenizer

    copy = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy
