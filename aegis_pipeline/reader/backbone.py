"""The encoder under both networks: MiniLM with frozen word embeddings, told of case and of marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from aegis_pipeline.reader.labels import MARKS
from aegis_pipeline.reader.precision import mixed_precision
from aegis_pipeline.reader.tokens import Case, ReaderTokenizer, Tokens

if TYPE_CHECKING:
    from transformers import BertModel


_LENGTHS = 32  # texts are padded to a multiple: bfloat16 kernels stay in memory for every length met, 3 MB a length


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Texts padded to one length; all tensors are ``(texts, length)``. ``marks`` is what it is told of names."""

    ids: Tensor
    cases: Tensor
    mask: Tensor
    marks: Tensor

    def to(self, device: str) -> "TokenBatch":
        """The batch on that device."""
        return TokenBatch(*(part.to(device) for part in (self.ids, self.cases, self.mask, self.marks)))

    def padded(self, length: int) -> "TokenBatch":
        """The batch with as much padding as that length needs."""
        more = (0, length - self.ids.shape[1])
        return TokenBatch(*(nn.functional.pad(part, more) for part in (self.ids, self.cases, self.mask, self.marks)))


class Encoded(NamedTuple):
    """What the encoder makes of a batch: its last layer, and what that layer read, ``(texts, padded, hidden)`` each."""

    last: Tensor
    before: Tensor


class SharedDropout(nn.Module):
    """Dropout with one mask for all pieces of a text (Gal and Ghahramani, 2016).

    A mask for each element costs a third of the training time on a CPU, which draws it one number at a time.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """``x``, ``(texts, length, hidden)``, with a share ``p`` of each text's features at zero while training."""
        if not self.training or not self.p:
            return x
        kept = 1 - self.p
        return x * (torch.rand(len(x), 1, x.shape[-1], device=x.device) < kept) / kept


class Backbone(nn.Module):
    """A BERT encoder whose word embeddings stay as they are; embeddings of case and of marks begin at zero."""

    def __init__(self, bert: "BertModel") -> None:
        super().__init__()
        self.bert = bert
        self.hidden = int(bert.config.hidden_size)
        self.case = _zeros(len(Case), self.hidden)
        self.mark = _zeros(MARKS, self.hidden)
        self.words.weight.requires_grad_(False)
        for part in bert.modules():
            for name, child in part.named_children():
                if isinstance(child, nn.Dropout):
                    setattr(part, name, SharedDropout(child.p))

    @property
    def words(self) -> nn.Embedding:
        """The word embeddings, which are the encoder's own."""
        return self.bert.embeddings.word_embeddings

    @property
    def max_tokens(self) -> int:
        """Pieces of a text that are read at once, without the two special tokens."""
        return int(self.bert.config.max_position_embeddings) - 2

    def forward(self, batch: TokenBatch) -> Encoded:
        """Encode a batch, in the precision of :func:`mixed_precision`; the result is float32, and padded further."""
        batch = batch.padded(min(-(-batch.ids.shape[1] // _LENGTHS) * _LENGTHS, self.max_tokens + 2))
        told = self.words(batch.ids) + self.case(batch.cases) + self.mark(batch.marks)
        with mixed_precision(told.device.type):
            out = self.bert(inputs_embeds=told, attention_mask=batch.mask, output_hidden_states=True)
        return Encoded(out.last_hidden_state.float(), out.hidden_states[-2].float())

    def queries_and_keys(self, before: Tensor) -> tuple[Tensor, Tensor]:
        """Of the last layer's heads for one text: two tensors of shape ``(heads, padded, hidden / heads)``."""
        layer: Any = self.bert.encoder.layer[-1]
        attention = layer.attention.self
        heads = int(self.bert.config.num_attention_heads)
        with mixed_precision(before.device.type):
            both = (attention.query(before), attention.key(before))
        queries, keys = (part.float().view(len(before), heads, -1).transpose(0, 1) for part in both)
        return queries, keys


def _zeros(rows: int, columns: int) -> nn.Embedding:
    embedding = nn.Embedding(rows, columns)
    nn.init.zeros_(embedding.weight)
    return embedding


def token_batch(
    texts: Sequence[Tokens], tokenizer: ReaderTokenizer, marks: Sequence[Sequence[int]] | None = None
) -> TokenBatch:
    """Texts with their special tokens, padded; piece ``k`` of a text stands at place ``k + 1``."""
    length = max(map(len, texts), default=0) + 2
    ids, cases, mask, told = (torch.zeros(len(texts), length, dtype=torch.long) for _ in range(4))
    for row, text in enumerate(texts):
        end = len(text) + 1
        ids[row, : end + 1] = torch.tensor([tokenizer.first, *text.ids, tokenizer.last])
        cases[row, 1:end] = torch.tensor(text.cases, dtype=torch.long)
        mask[row, : end + 1] = 1
        if marks is not None:
            told[row, 1:end] = torch.tensor(marks[row], dtype=torch.long)
    return TokenBatch(ids, cases, mask, told)
