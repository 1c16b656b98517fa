"""The relation network: which properties hold between any two entities of a window.

ATLOP (Zhou et al., 2021: "Document-level relation extraction with adaptive thresholding and localized context
pooling"), with mentions as means of their pieces, and terms for the pair's types and distance. How much a pair attends
to each sentence is its evidence (Ma et al., 2023: DREEAM).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from aegis_pipeline.reader.backbone import Backbone, TokenBatch
from aegis_pipeline.reader.labels import TYPES
from aegis_pipeline.reader.layout import DISTANCES, Layout

_BLOCK = 16
_PAIRS_AT_ONCE = 8192  # of the 6,144 products of a pair
_TINY = 1e-6


class PairScores(NamedTuple):
    """What the network says of one window's pairs: logits ``(pairs, 1 + properties)``, of which the first is the
    threshold that a property must pass, and evidence ``(pairs, sentences)``, which sums to at most 1."""

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
        """One :class:`PairScores` a window."""
        last, before = self.backbone(batch)
        lengths = batch.mask.sum(1).tolist()
        return [
            self._pairs(last[row, :length], before[row, :length], layout)
            for row, (length, layout) in enumerate(zip(lengths, layouts, strict=True))
        ]

    def _pairs(self, last: Tensor, before: Tensor, layout: Layout) -> PairScores:
        """``last`` and ``before``: one window's layers, ``(length, hidden)``."""
        entities = self._entities(last, layout)
        attended = self._attended(before, layout)
        context = attended @ last.to(attended.dtype)
        head, tail = self.head(entities), self.tail(entities)
        parts = [
            self._logits(head, tail, context, layout, pairs) for pairs in torch.split(layout.pairs, _PAIRS_AT_ONCE)
        ]
        heads, tails = layout.pairs.unbind(1)
        return PairScores(torch.cat(parts), (attended @ layout.sentence_pool)[heads, tails])

    def _logits(self, head: Tensor, tail: Tensor, context: Tensor, layout: Layout, pairs: Tensor) -> Tensor:
        heads, tails = pairs.unbind(1)
        around = context[heads, tails]
        one = torch.tanh(head[heads] + self.head_context(around)).view(len(pairs), -1, _BLOCK, 1)
        other = torch.tanh(tail[tails] + self.tail_context(around)).view(len(pairs), -1, 1, _BLOCK)
        kinds = layout.kinds[heads] * len(TYPES) + layout.kinds[tails]
        known = self.kind_pair(kinds) + self.distance(layout.distances[heads, tails])
        logits: Tensor = self.bilinear((one * other).flatten(1)) + known
        return logits.float()

    def _entities(self, last: Tensor, layout: Layout) -> Tensor:
        """``(n, hidden)``: log-sum-exp over each entity's mentions."""
        mentions = layout.mention_pool @ last[layout.pieces].float()
        absent = (layout.members < 0)[:, :, None]
        return mentions[layout.members].masked_fill(absent, -torch.inf).logsumexp(1)

    def _attended(self, before: Tensor, layout: Layout) -> Tensor:
        """``(n, n, length)``: where both entities of a pair attend to, in the last layer; each sums to 1."""
        queries, keys = self.backbone.queries_and_keys(before)
        scores = queries[:, layout.pieces] @ keys.transpose(1, 2)
        weights = torch.softmax(scores.float() / queries.shape[-1] ** 0.5, -1)
        entities = layout.entity_pool @ weights
        both = torch.einsum("hil,hjl->ijl", entities, entities)
        return both / (both.sum(-1, keepdim=True) + _TINY)
