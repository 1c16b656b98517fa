"""Training the relation network, on gold mentions and on mentions as the pipeline finds them, in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from aegis_pipeline.reader.backbone import token_batch
from aegis_pipeline.reader.encoder import new_backbone
from aegis_pipeline.reader.layout import layout_of, marks_of
from aegis_pipeline.reader.relation_network import PairScores, RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.weights import load_weights
from aegis_pipeline.reader.windows import Named
from aegis_pipeline.training.gold import GoldDocument
from aegis_pipeline.training.loop import BEST, Lesson, Schedule, train
from aegis_pipeline.training.losses import adaptive_threshold_loss, evidence_loss
from aegis_pipeline.training.relation_data import LabelledWindow, Triple, gold_named, gold_triples, labelled_windows

RELATION_SCHEDULE = Schedule(epochs=30, batch_size=4, encoder_rate=2e-4, head_rate=1e-3, patience=8)
FIRST_STAGE = Schedule(epochs=2, batch_size=32, encoder_rate=2e-4, head_rate=1e-3, patience=2)
EVIDENCE_WEIGHT = 0.1  # as in DREEAM
_LEAST_MARGIN = -6.0


@dataclass(frozen=True, slots=True)
class RelationData:
    """Windows of each document from gold mentions and from found ones, and all that the documents state."""

    gold: Sequence[Sequence[LabelledWindow]]
    found: Sequence[Sequence[LabelledWindow]]
    triples: set[tuple[str, Triple]]


def relation_data(
    documents: Sequence[GoldDocument], found: Mapping[str, Sequence[Named]], tokenizer: ReaderTokenizer, max_tokens: int
) -> RelationData:
    """``found`` maps a document's id to its mentions as the pipeline finds them."""
    return RelationData(
        [labelled_windows(d, gold_named(d), tokenizer, max_tokens) for d in documents],
        [labelled_windows(d, found[d.id], tokenizer, max_tokens) for d in documents],
        gold_triples(documents),
    )


def in_turn(data: RelationData, epoch: int) -> list[LabelledWindow]:
    """Each document once: its gold mentions in one epoch, those that were found in the next."""
    sources = (data.gold, data.found)
    return list(chain.from_iterable(sources[(k + epoch) % 2][k] for k in range(len(data.gold))))


@dataclass(frozen=True, slots=True)
class RelationCourse:
    """What every stage of training the relation network needs; ``tuning`` decides when a stage ends."""

    properties: Sequence[str]
    tokenizer: ReaderTokenizer
    tuning: RelationData
    device: str = "cpu"

    def train(
        self,
        items: Callable[[int], Sequence[LabelledWindow]],
        folder: Path,
        schedule: Schedule,
        start: Path | None = None,
    ) -> Path:
        """Train until F1 on the found mentions of ``tuning`` grows no more. Returns the file of the best weights.

        Args:
            items: the windows of an epoch, :func:`in_turn` for example.
            folder: where weights, state and log go.
            start: weights to begin with; default: the encoder's, and chance.
        """
        torch.manual_seed(schedule.seed)
        network = RelationNetwork(new_backbone(), len(self.properties))
        if start is not None:
            load_weights(network, start)
        lesson = Lesson(
            items,
            lambda batch: self._loss(network, batch),
            lambda item: len(item.window.tokens),
            lambda: self._figures(network),
            decisive="f1",
        )
        train(network, lesson, schedule, folder, self.device)
        return folder / BEST

    def _loss(self, network: RelationNetwork, batch: Sequence[LabelledWindow]) -> Tensor:
        layouts = [layout_of(item.window).to(self.device) for item in batch]
        tokens = token_batch([i.window.tokens for i in batch], self.tokenizer, [marks_of(i.window) for i in batch])
        column = {pid: k for k, pid in enumerate(self.properties, start=1)}
        return batch_loss(batch, network(tokens.to(self.device), layouts), column)

    def _figures(self, network: RelationNetwork) -> dict[str, float]:
        reader = RelationReader(network, self.tokenizer, self.properties, self.device)
        found = best_f1(margins(self.tuning.found, reader), self.tuning.triples)
        gold = best_f1(margins(self.tuning.gold, reader), self.tuning.triples)
        return {**found, "gold_f1": gold["f1"]}


def batch_loss(batch: Sequence[LabelledWindow], scores: Sequence[PairScores], column: Mapping[str, int]) -> Tensor:
    """The loss over all pairs of the batch's windows."""
    logits = torch.cat([one.logits for one in scores])
    labels = torch.cat([_labels(item, one.logits, column) for item, one in zip(batch, scores, strict=True)])
    evidence = [
        evidence_loss(one.evidence, _wanted(item, one.evidence)) for item, one in zip(batch, scores, strict=True)
    ]
    known = torch.cat([_known(item, one.logits, column) for item, one in zip(batch, scores, strict=True)])
    return adaptive_threshold_loss(logits, labels, known) + EVIDENCE_WEIGHT * torch.stack(evidence).mean()


def _row(pair: tuple[int, int], entities: int) -> int:
    """The place of a pair among all but the diagonal."""
    head, tail = pair
    return head * (entities - 1) + tail - (tail > head)


def _labels(item: LabelledWindow, logits: Tensor, column: Mapping[str, int]) -> Tensor:
    """What holds, of the properties that are learned; other corpora label some that are not."""
    labels = torch.zeros_like(logits)
    for pair, pids in item.holds.items():
        labels[_row(pair, len(item.window.entities)), [column[pid] for pid in sorted(pids & column.keys())]] = 1
    return labels


def _known(item: LabelledWindow, logits: Tensor, column: Mapping[str, int]) -> Tensor:
    """Which classes of a window were labelled, for each pair."""
    if item.annotated is None:
        return torch.ones_like(logits, dtype=torch.bool)
    known = torch.zeros_like(logits, dtype=torch.bool)
    known[:, [column[pid] for pid in sorted(item.annotated & column.keys())]] = True
    return known


def _wanted(item: LabelledWindow, evidence: Tensor) -> Tensor:
    wanted = torch.zeros_like(evidence)
    place = {sentence: k for k, sentence in enumerate(dict.fromkeys(item.window.sentences))}
    for pair, sentences in item.evidence.items():
        here = [place[sentence] for sentence in sentences if sentence in place]
        if here:
            wanted[_row(pair, len(item.window.entities)), here] = 1 / len(here)
    return wanted


def margins(documents: Sequence[Sequence[LabelledWindow]], reader: RelationReader) -> dict[tuple[str, Triple], float]:
    """Every statement between gold clusters (or what is none), with its highest margin, down to a low one."""
    items = list(chain.from_iterable(documents))
    best: dict[tuple[str, Triple], float] = {}
    for item, statements in zip(items, reader.read([i.window for i in items], _LEAST_MARGIN), strict=True):
        cluster = dict(zip(item.window.entities, item.clusters, strict=True))
        for statement in statements:
            key = item.document_id, (cluster[statement.head], cluster[statement.tail], statement.pid)
            best[key] = max(best.get(key, statement.margin), statement.margin)
    return best


def best_f1(scored: Mapping[tuple[str, Triple], float], want: set[tuple[str, Triple]]) -> dict[str, float]:
    """F1 where the margin is chosen best, with its precision, recall and margin, and F1 at margin 0."""
    best = {"f1": 0.0, "p": 0.0, "r": 0.0, "margin": 0.0, "f1_at_0": 0.0}
    right = 0
    for count, (key, margin) in enumerate(sorted(scored.items(), key=lambda pair: -pair[1]), start=1):
        right += key in want
        f1 = 2 * right / (count + len(want))
        if margin >= 0:
            best["f1_at_0"] = f1
        if f1 > best["f1"]:
            best |= {"f1": f1, "p": right / count, "r": right / max(1, len(want)), "margin": margin}
    return best
