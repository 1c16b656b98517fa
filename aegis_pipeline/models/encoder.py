"""A sentence encoder: texts in, unit vectors out, and the tokenizer that says how much of a text it reads."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from aegis_pipeline.models.halving import halving

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from torch import Tensor
    from transformers import BertModel

# Lengths that texts are padded to: bfloat16 kernels stay in memory for every length met, 2 MB a length, and buffers of
# ever other sizes leave gaps. Names are short, and would take five times as long at 32.
_SHORT, _STEP = (8, 16, 24), 32
# Tokens that a call in bfloat16 computes, whether it was asked for as many or not: a CPU's matrix tiles (AMX) add up in
# another order for another number of rows, and rounded to bfloat16 that is up to .001 in a vector.
_TOKENS_A_CALL = 1024
_BY_TOKEN = {"input_ids", "attention_mask", "token_type_ids"}


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
        self._model, self._device = model, str(model.device)
        self.bfloat16 = bfloat16
        self.digest = digest
        self.uncut_tokenizer = _uncut_tokenizer(model.tokenizer)
        self.tokenizer = EncoderTokenizer(self.uncut_tokenizer)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 0)
        model[0].register_forward_pre_hook(self._pad)

    @property
    def transformer(self) -> "BertModel":
        """The network under the vectors, of an encoder that is a BERT."""
        return cast("BertModel", self._model[0].auto_model)

    def encode(self, texts: Sequence[str], batch_size: int = 32) -> NDArray[np.float32]:
        """One row a text, shape ``(len(texts), dimension)``, of length 1; longer texts are cut at ``max_tokens``.

        Equal texts are encoded once. Texts of one padded length go together, ``batch_size`` at most, so that a text's
        vector hangs on the text alone: in bfloat16 to the bit, for there every call of a padded length has as many
        rows; in float32 but for the last digits. Where memory ends, batches are halved, and bfloat16 rounds otherwise.

        Raises:
            MemoryEndedError: it does not suffice for one text.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        places: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            places[text].append(place)
        for batch in self._batches(list(places), batch_size):
            for text, vector in zip(batch, halving(self._encode, batch, self._elsewhere), strict=True):
                vectors[places[text]] = vector
        return vectors

    def _batches(self, texts: Sequence[str], batch_size: int) -> Iterator[list[str]]:
        """Of one padded length each, the longest first: what memory does not suffice for is seen at once.

        In bfloat16 a batch that would be smaller than the others of its length is filled with its first text.
        """
        groups: dict[int, list[str]] = defaultdict(list)
        for text, tokens in zip(texts, self.count_tokens(texts), strict=True):
            groups[padded_length(tokens, self.max_tokens)].append(text)
        for length in sorted(groups, reverse=True):
            group = groups[length]
            rows = min(batch_size, max(1, _TOKENS_A_CALL // length)) if self.bfloat16 else batch_size
            for at in range(0, len(group), rows):
                batch = group[at : at + rows]
                yield batch + batch[:1] * (rows - len(batch)) if self.bfloat16 else batch

    def _encode(self, texts: Sequence[str], device: str | None = None) -> list[NDArray[np.float32]]:
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
            found = self._model.encode(
                list(texts),
                batch_size=len(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
                device=device or self._device,
            )
        return list(np.asarray(found, dtype=np.float32))

    @property
    def _elsewhere(self) -> Callable[[Sequence[str]], list[NDArray[np.float32]]] | None:
        """The CPU, for a text that does not fit in a GPU; the model goes back for the next batch."""
        return None if self._device == "cpu" else partial(self._encode, device="cpu")

    def _pad(self, _module: object, inputs: "tuple[dict[str, Tensor], ...]") -> None:
        """Before the network: everything that has a column for each token gets those of the padded length."""
        from torch.nn.functional import pad

        features = inputs[0]
        if "attention_mask" not in features:  # a static encoder does not pad
            return
        tokens = features["attention_mask"].shape[1]
        more = (0, padded_length(tokens, self.max_tokens) - tokens)
        features |= {name: pad(features[name], more) for name in _BY_TOKEN & features.keys()}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included."""
        return self.tokenizer.count(texts)


def vectors_version(encoder: Encoder) -> str:
    """Changes with all that a text's vector hangs on beside the text: whoever keeps vectors keeps it with them."""
    # "padded", "filled": vectors made before texts were padded to few lengths, and calls filled, have other last bits.
    return f"{encoder.digest} {'bfloat16 padded filled' if encoder.bfloat16 else 'float32 padded'}"


def padded_length(tokens: int, max_tokens: int) -> int:
    """The length that a text of so many tokens is padded to, at most ``max_tokens``; a longer text is cut to that."""
    longer = -(-tokens // _STEP) * _STEP
    return min(next((length for length in _SHORT if tokens <= length), longer), max_tokens)


def _uncut_tokenizer(tokenizer: Any) -> "Tokenizer":
    """A copy that neither cuts nor pads: the model's own is set to both, and changes while it encodes."""
    from tokenizers import Tokenizer

    copy = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy
