"""Relations of windows, in batches: what holds, how clearly, and which sentence says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from aegis_pipeline.models.halving import halving
from aegis_pipeline.reader.backbone import token_batch
from aegis_pipeline.reader.layout import layout_of, marks_of
from aegis_pipeline.reader.precision import on_cpu
from aegis_pipeline.reader.relation_network import PairScores, RelationNetwork
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, Window, windows
from aegis_pipeline.records import Span

_EVIDENCE_SHARE = 0.15  # of a pair's attention: of .1 to .3, best F1 of evidence sentences on Re-DocRED dev 350-399


@dataclass(frozen=True, slots=True)
class Statement:
    """A property between two entities. ``margin`` is its logit above the pair's threshold; ``sentences`` are its
    evidence, the one that the pair attends to most before all others."""

    head: str
    tail: str
    pid: str
    margin: float
    sentences: tuple[int, ...]


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

    @torch.inference_mode()
    def read(self, texts: Sequence[Window], least_margin: float = 0.0) -> list[list[Statement]]:
        """The statements of each window whose margin is ``least_margin`` or more; a window of one entity has none.

        Windows are read one by one: together they would be read no faster on a CPU, and not to the last bit the same. A
        window that a GPU's memory does not suffice for is read on the CPU.

        Raises:
            MemoryEndedError: memory does not suffice for one window.
        """
        elsewhere = None if self._device == "cpu" else partial(self._read_on_cpu, least=least_margin)
        return halving(partial(self._read_all, least=least_margin, device=self._device), texts, elsewhere)

    def _read_on_cpu(self, texts: Sequence[Window], least: float) -> list[list[Statement]]:
        with on_cpu(self._network, self._device):
            return self._read_all(texts, least, "cpu")

    def _read_all(self, texts: Sequence[Window], least: float, device: str) -> list[list[Statement]]:
        return [list(self._read(window, least, device)) if len(window.entities) > 1 else [] for window in texts]

    def _read(self, window: Window, least_margin: float, device: str) -> Iterator[Statement]:
        batch = token_batch([window.tokens], self._tokenizer, [marks_of(window)]).to(device)
        [parts] = self._network.in_parts(batch, [layout_of(window).to(device)])
        for scores in parts:
            yield from self._statements(window, scores, least_margin)

    def _statements(self, window: Window, scores: PairScores, least: float) -> Iterator[Statement]:
        margins = scores.logits[:, 1:] - scores.logits[:, :1]
        sentences = list(dict.fromkeys(window.sentences))
        places = torch.nonzero(margins >= least)
        for (row, column), margin in zip(places.tolist(), margins[places[:, 0], places[:, 1]].tolist(), strict=True):
            head, tail = (window.entities[k] for k in scores.pairs[row].tolist())
            said = tuple(sentences[k] for k in _most_attended(scores.evidence[row].tolist()))
            yield Statement(head, tail, self._properties[column], margin, said)


def _most_attended(shares: Sequence[float]) -> list[int]:
    """The place of the largest share, and of every other that is large enough, the larger before the smaller."""
    ranked = sorted(range(len(shares)), key=lambda k: -shares[k])
    return [k for k in ranked if k == ranked[0] or shares[k] >= _EVIDENCE_SHARE]
