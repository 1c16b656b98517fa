"""The tagger: which pieces of a text are names, and of what type (BIO over the encoder)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from aegis_pipeline.reader.backbone import Backbone, SharedDropout, TokenBatch, token_batch
from aegis_pipeline.reader.labels import MARKS, TypedSpan, from_marks
from aegis_pipeline.reader.precision import mixed_precision
from aegis_pipeline.reader.tokens import ReaderTokenizer, Tokens

_DROPOUT = 0.1
_PIECES_AT_ONCE = 4096


class TaggerNetwork(nn.Module):
    """A mark for each piece of a text."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.dropout = SharedDropout(_DROPOUT)
        self.head = nn.Linear(backbone.hidden, MARKS)

    def forward(self, batch: TokenBatch) -> Tensor:
        """Logits of shape ``(texts, length, MARKS)``."""
        scores: Tensor = self.head(self.dropout(self.backbone(batch).last))
        return scores.float()


class Tagger:
    """Texts in, typed spans of characters out."""

    def __init__(self, network: TaggerNetwork, tokenizer: ReaderTokenizer, device: str = "cpu") -> None:
        self._network, self._tokenizer, self._device = network.to(device).eval(), tokenizer, device

    def tag(self, texts: Sequence[str]) -> list[list[TypedSpan]]:
        """The names of each text: ranges of its characters, in order, never overlapping.

        A text that is longer than the encoder reads is read in parts.
        """
        read = [self._tokenizer.read(text) for text in texts]
        limit = self._network.backbone.max_tokens
        parts = [(k, t.part(at, at + limit)) for k, t in enumerate(read) for at in range(0, len(t), limit)]
        found: list[list[TypedSpan]] = [[] for _ in texts]
        for together in _batches(sorted(parts, key=lambda part: -len(part[1]))):
            for (k, tokens), marks in zip(together, self._marks([part for _, part in together]), strict=True):
                found[k] += spans_of(tokens, marks)
        return [sorted(spans) for spans in found]

    @torch.inference_mode()
    def _marks(self, texts: Sequence[Tokens]) -> list[list[int]]:
        batch = token_batch(texts, self._tokenizer).to(self._device)
        with mixed_precision(self._device):
            best = self._network(batch).argmax(-1).tolist()
        return [row[1 : len(text) + 1] for row, text in zip(best, texts, strict=True)]


def spans_of(tokens: Tokens, marks: Sequence[int]) -> list[TypedSpan]:
    """Spans of characters for a mark a piece; the first piece of a word decides for all of it."""
    firsts = [k for k, begins in enumerate(tokens.begins) if begins]
    ends = [*firsts[1:], len(tokens)]
    spans = from_marks([marks[k] for k in firsts])
    return [(tokens.spans[firsts[a]][0], tokens.spans[ends[b - 1] - 1][1], kind) for a, b, kind in spans]


def _batches(parts: Sequence[tuple[int, Tokens]]) -> list[list[tuple[int, Tokens]]]:
    """Parts, longest first, in batches of bounded size."""
    batches: list[list[tuple[int, Tokens]]] = []
    for part in parts:
        if batches and (len(batches[-1]) + 1) * (len(batches[-1][0][1]) + 2) <= _PIECES_AT_ONCE:
            batches[-1].append(part)
        else:
            batches.append([part])
    return batches
