"""The relation network: which properties hold between any two entities of a window.

ATLOP (Zhou et al., 2021: "Document-level relation extraction with adaptive thresholding and localized context
pooling"), with mentions as means of their pieces, and terms for the pair's types and distance. How much a pair attends
to each sentence is its evidence (Ma et al., 2023: DREEAM).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from aegis_pipeline.reader.backbone import Backbone, TokenBatch
from aegis_pipeline.reader.labels import TYPES
from aegis_pipeline.reader.layout import DISTANCES, Layout

_BLOCK = 16
_PAIRS_AT_ONCE = 512  # of 6,144 products each: what lies in a processor's cache is computed in a third of the time
_TINY = 1e-6


class PairScores(NamedTuple):
    """What the network says of pairs of a window, ``(pairs, 2)``, head and tail: logits ``(pairs, 1 + properties)``, of
    which the first is the threshold that a property must pass, and evidence ``(pairs, sentences)``, which sums to at
    most 1."""

    pairs: Tensor
    logits: Tensor
    evidence: Tensor


class RelationNetwork(nn.Module):
    """Scores of ``properties`` for every ordered pair of a window's entities."""

    def __init__(self, backbone: Backbone, properties: int) -> None:
        super().__init__()
        hidden, classes = backbone.hidden, 1 + properties
        self.backbone = backbone
        self.head, self.tail = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.head_context, self.tail_context = (nn.Linear(hidden, hidden, bias=False) for _ in range(2))
        self.bilinear = nn.Linear(hidden * _BLOCK, classes)
        self.kind_pair = nn.Embedding(len(TYPES) ** 2, classes)
        self.distance = nn.Embedding(DISTANCES, classes)
        for embedding in (self.kind_pair, self.distance):
            nn.init.zeros_(embedding.weight)

    def forward(self, batch: TokenBatch, layouts: Sequence[Layout]) -> list[PairScores]:
        """One :class:`PairScores` a window, of all its pairs."""
        windows = self.in_parts(batch, layouts)
        return [PairScores(*(torch.cat(part) for part in zip(*window, strict=True))) for window in windows]

    def in_parts(self, batch: TokenBatch, layouts: Sequence[Layout]) -> Iterator[Iterator[PairScores]]:
        """The same, some pairs of a window at a time: they grow with the square of its entities, memory does not."""
        last, before = self.backbone(batch)
        lengths = batch.mask.sum(1).tolist()
        for row, (length, layout) in enumerate(zip(lengths, layouts, strict=True)):
            yield self._window(last[row, :length], self._attention(before[row], length, layout), layout)

    def _window(self, last: Tensor, attention: Tensor, layout: Layout) -> Iterator[PairScores]:
        """``last``: ``(length, hidden)``; ``attention``: see :meth:`_attention`."""
        entities = self._entities(last, layout)
        head, tail = self.head(entities), self.tail(entities)
        rows = max(1, _PAIRS_AT_ONCE // len(entities))
        for first, pairs in zip(
            range(0, len(entities), rows), torch.split(layout.pairs, rows * (len(entities) - 1)), strict=True
        ):
            attended = _both(attention[:, first : first + rows], attention)
            heads, tails = pairs.unbind(1)
            context = (attended @ last)[heads - first, tails]
            evidence = (attended @ layout.sentence_pool)[heads - first, tails]
            yield PairScores(pairs, self._logits(head[heads], tail[tails], context, layout, pairs), evidence)

    def _logits(self, head: Tensor, tail: Tensor, context: Tensor, layout: Layout, pairs: Tensor) -> Tensor:
        heads, tails = pairs.unbind(1)
        one = torch.tanh(head + self.head_context(context)).view(len(pairs), -1, _BLOCK, 1)
        other = torch.tanh(tail + self.tail_context(context)).view(len(pairs), -1, 1, _BLOCK)
        kinds = layout.kinds[heads] * len(TYPES) + layout.kinds[tails]
        known = self.kind_pair(kinds) + self.distance(layout.distances[heads, tails])
        logits: Tensor = self.bilinear((one * other).flatten(1)) + known
        return logits.float()

    def _entities(self, last: Tensor, layout: Layout) -> Tensor:
        """``(n, hidden)``: log-sum-exp over each entity's mentions."""
        mentions = layout.mention_pool @ last[layout.pieces].float()
        absent = (layout.members < 0)[:, :, None]
        return mentions[layout.members].masked_fill(absent, -torch.inf).logsumexp(1)

    def _attention(self, before: Tensor, length: int, layout: Layout) -> Tensor:
        """``(attention heads, n, length)``: where each entity attends to in the last layer, which read ``before``."""
        queries, keys = self.backbone.queries_and_keys(before)
        scores = queries[:, layout.pieces] @ keys[:, :length].transpose(1, 2)
        weights = torch.softmax(scores.float() / queries.shape[-1] ** 0.5, -1)
        return layout.entity_pool @ weights


def _both(some: Tensor, all_of_them: Tensor) -> Tensor:
    """``(some, all, length)``: where both entities of a pair attend to; each sums to 1."""
    product = torch.einsum("hil,hjl->ijl", some, all_of_them)
    return product / (product.sum(-1, keepdim=True) + _TINY)
