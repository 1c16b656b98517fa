"""Relations of windows, in batches: what holds, how clearly, and which sentence says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from aegis_pipeline.reader.backbone import token_batch
from aegis_pipeline.reader.layout import layout_of, marks_of
from aegis_pipeline.reader.precision import mixed_precision
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, Window, windows
from aegis_pipeline.records import Span

_PIECES_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class Statement:
    """A property between two entities. ``margin`` is its logit above the pair's threshold; ``sentence`` is the one that
    the pair attends to most."""

    head: str
    tail: str
    pid: str
    margin: float
    sentence: int


class RelationReader:
    """Windows in, statements out."""

    def __init__(
        self,
        network: RelationNetwork,
        tokenizer: ReaderTokenizer,
        properties: Sequence[str],
        device: str = "cpu",
    ) -> None:
        self._network, self._tokenizer, self._device = network.to(device).eval(), tokenizer, device
        self._properties = tuple(properties)

    def windows(self, text: str, sentences: Sequence[Span], named: Sequence[Named]) -> list[Window]:
        """A document in the windows that the network reads at once; see :func:`windows.windows`."""
        return windows(text, sentences, named, self._tokenizer, self._network.backbone.max_tokens)

    def read(self, texts: Sequence[Window], least_margin: float = 0.0) -> list[list[Statement]]:
        """The statements of each window whose margin is ``least_margin`` or more; a window of one entity has none."""
        found: list[list[Statement]] = [[] for _ in texts]
        worth = [k for k, window in enumerate(texts) if len(window.entities) > 1]
        for places in _batches(sorted(worth, key=lambda k: -len(texts[k].tokens)), texts):
            for k, statements in zip(places, self._batch([texts[k] for k in places], least_margin), strict=True):
                found[k] = statements
        return found

    @torch.inference_mode()
    def _batch(self, texts: Sequence[Window], least_margin: float) -> list[list[Statement]]:
        layouts = [layout_of(window).to(self._device) for window in texts]
        marks = [marks_of(window) for window in texts]
        batch = token_batch([window.tokens for window in texts], self._tokenizer, marks).to(self._device)
        with mixed_precision(self._device):
            scores = self._network(batch, layouts)
        return [
            list(self._statements(window, one.logits, one.evidence, least_margin))
            for window, one in zip(texts, scores, strict=True)
        ]

    def _statements(self, window: Window, logits: Tensor, evidence: Tensor, least: float) -> Iterator[Statement]:
        margins = logits[:, 1:] - logits[:, :1]
        sentences = list(dict.fromkeys(window.sentences))
        said = evidence.argmax(1).tolist()
        n = len(window.entities)
        places = torch.nonzero(margins >= least)
        for (pair, column), margin in zip(places.tolist(), margins[places[:, 0], places[:, 1]].tolist(), strict=True):
            head, tail = divmod(pair, n - 1)
            tail += tail >= head  # pairs are all but the diagonal, row by row
            yield Statement(
                window.entities[head], window.entities[tail], self._properties[column], margin, sentences[said[pair]]
            )


def _batches(places: Sequence[int], texts: Sequence[Window]) -> Iterator[list[int]]:
    """Windows, longest first, in batches of bounded size."""
    batch: list[int] = []
    for place in places:
        if batch and (len(batch) + 1) * (len(texts[batch[0]].tokens) + 2) > _PIECES_AT_ONCE:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
