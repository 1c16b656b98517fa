"""A window as tensors: which pieces make a mention, which mentions an entity, and how far entities are apart."""

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aegis_pipeline.reader.labels import OUTSIDE, to_marks
from aegis_pipeline.reader.windows import Window

NEAR = 10
"""Buckets of the distance between two entities, by powers of two; there are as many for a head after its tail."""
DISTANCES = 2 * NEAR


@dataclass(frozen=True, slots=True)
class Layout:
    """One window: ``n`` entities, ``m`` mentions of them, ``t`` pieces in mentions, ``s`` sentences, ``l`` pieces.

    ``pieces`` (t): places of the pieces in mentions, the special token counted. ``mention_pool`` (m, t) and
    ``entity_pool`` (n, t): the mean over a mention's pieces, and over an entity's mentions. ``members`` (n, most
    mentions): the mentions of each entity, -1 where there are fewer. ``kinds`` (n). ``distances`` (n, n): buckets.
    ``sentence_pool`` (l + 2, s): which pieces are in which sentence; ``sentences`` (s) are the document's. ``pairs``
    (p, 2): head and tail.
    """

    pieces: Tensor
    mention_pool: Tensor
    entity_pool: Tensor
    members: Tensor
    kinds: Tensor
    distances: Tensor
    sentence_pool: Tensor
    sentences: tuple[int, ...]
    pairs: Tensor

    def to(self, device: str) -> "Layout":
        """The layout on that device."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        tensors: dict[str, Any] = {name: value for name, value in values.items() if isinstance(value, Tensor)}
        return replace(self, **{name: tensor.to(device) for name, tensor in tensors.items()})


def layout_of(window: Window) -> Layout:
    """The tensors of a window with two entities or more."""
    places = sorted({k for m in window.mentions for k in range(m.first, m.end)})
    column = {place: k for k, place in enumerate(places)}
    mention_pool = np.zeros((len(window.mentions), len(places)), dtype=np.float32)
    members: list[list[int]] = [[] for _ in window.entities]
    for row, mention in enumerate(window.mentions):
        mention_pool[row, [column[k] for k in range(mention.first, mention.end)]] = 1 / (mention.end - mention.first)
        members[mention.entity].append(row)
    entity_pool = np.stack([mention_pool[rows].mean(0) for rows in members])
    most = max(map(len, members))
    sentences, sentence_pool = _sentence_pool(window)
    return Layout(
        pieces=torch.tensor(places) + 1,
        mention_pool=torch.from_numpy(mention_pool),
        entity_pool=torch.from_numpy(entity_pool),
        members=torch.tensor([rows + [-1] * (most - len(rows)) for rows in members]),
        kinds=torch.tensor([_kind(window, rows) for rows in members]),
        distances=_distances(window),
        sentence_pool=sentence_pool,
        sentences=sentences,
        pairs=torch.nonzero(~torch.eye(len(members), dtype=torch.bool)),
    )


def marks_of(window: Window) -> list[int]:
    """What the encoder is told of each piece: where names begin and end, and their types."""
    spans, end = [], 0
    for mention in window.mentions:
        if mention.first >= end:
            spans.append((mention.first, mention.end, mention.kind))
            end = mention.end
    return to_marks(spans, len(window.tokens)) if spans else [OUTSIDE] * len(window.tokens)


def _kind(window: Window, rows: list[int]) -> int:
    """The type that most of an entity's mentions have."""
    count = Counter(window.mentions[row].kind for row in rows)
    return min(count, key=lambda kind: (-count[kind], kind))


def _distances(window: Window) -> Tensor:
    """The bucket of the nearest mentions of each two entities, and which of the two is named first."""
    n = len(window.entities)
    starts = np.array([mention.first for mention in window.mentions])
    owner = np.array([mention.entity for mention in window.mentions])
    nearest = np.full((n, n), np.iinfo(np.int64).max)
    np.minimum.at(nearest, (owner[:, None], owner[None, :]), np.abs(starts[:, None] - starts[None, :]))
    buckets = np.minimum(np.log2(nearest + 1).astype(np.int64), NEAR - 1)
    return torch.from_numpy(
        buckets + NEAR * np.tri(n, k=-1, dtype=np.int64)
    )  # entities are in order of their first mention


def _sentence_pool(window: Window) -> tuple[tuple[int, ...], Tensor]:
    sentences = tuple(dict.fromkeys(window.sentences))
    pool = torch.zeros(len(window.tokens) + 2, len(sentences))
    place = {sentence: k for k, sentence in enumerate(sentences)}
    for piece, sentence in enumerate(window.sentences, start=1):
        pool[piece, place[sentence]] = 1
    return sentences, pool
