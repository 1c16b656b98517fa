"""The tagger: which pieces of a text are names, and of what type (BIO over the encoder)."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from aegis_pipeline.models.halving import halving
from aegis_pipeline.reader.backbone import Backbone, SharedDropout, TokenBatch, token_batch
from aegis_pipeline.reader.labels import MARKS, TypedSpan, from_marks
from aegis_pipeline.reader.precision import on_cpu
from aegis_pipeline.reader.tokens import ReaderTokenizer, Tokens

_DROPOUT = 0.1


class TaggerNetwork(nn.Module):
    """A mark for each piece of a text."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.dropout = SharedDropout(_DROPOUT)
        self.head = nn.Linear(backbone.hidden, MARKS)

    def forward(self, batch: TokenBatch) -> Tensor:
        """Logits of shape ``(texts, padded, MARKS)``."""
        scores: Tensor = self.head(self.dropout(self.backbone(batch).last))
        return scores.float()


class Tagger:
    """Texts in, typed spans of characters out."""

    def __init__(self, network: TaggerNetwork, tokenizer: ReaderTokenizer, device: str = "cpu") -> None:
        self._network, self._tokenizer, self._device = network.to(device).eval(), tokenizer, device

    @torch.inference_mode()
    def tag(self, texts: Sequence[str]) -> list[list[TypedSpan]]:
        """The names of each text: ranges of its characters, in order, never overlapping.

        A text that is longer than the encoder reads is read in parts. Parts are read one by one: together they would be
        read no faster on a CPU, and not to the last bit the same. A text that a GPU's memory does not suffice for is
        read on the CPU.

        Raises:
            MemoryEndedError: memory does not suffice for one text.
        """
        elsewhere = None if self._device == "cpu" else self._tag_on_cpu
        return halving(partial(self._tag_all, device=self._device), texts, elsewhere)

    def _tag_on_cpu(self, texts: Sequence[str]) -> list[list[TypedSpan]]:
        with on_cpu(self._network, self._device):
            return self._tag_all(texts, "cpu")

    def _tag_all(self, texts: Sequence[str], device: str) -> list[list[TypedSpan]]:
        return [self._tag(self._tokenizer.read(text), device) for text in texts]

    def _tag(self, tokens: Tokens, device: str) -> list[TypedSpan]:
        limit = self._network.backbone.max_tokens
        parts = [tokens.part(at, at + limit) for at in range(0, len(tokens), limit)]
        return [span for part in parts for span in spans_of(part, self._marks(part, device))]

    def _marks(self, tokens: Tokens, device: str) -> list[int]:
        [best] = self._network(token_batch([tokens], self._tokenizer).to(device)).argmax(-1).tolist()
        marks: list[int] = best[1 : len(tokens) + 1]
        return marks


def spans_of(tokens: Tokens, marks: Sequence[int]) -> list[TypedSpan]:
    """Spans of characters for a mark a piece; the first piece of a word decides for all of it."""
    firsts = [k for k, begins in enumerate(tokens.begins) if begins]
    ends = [*firsts[1:], len(tokens)]
    spans = from_marks([marks[k] for k in firsts])
    return [(tokens.spans[firsts[a]][0], tokens.spans[ends[b - 1] - 1][1], kind) for a, b, kind in spans]
