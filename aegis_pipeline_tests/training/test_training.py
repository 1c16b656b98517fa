"""Learning a few documents by heart, and going on where a training stopped."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.weights import load_weights
from aegis_pipeline.training import relation_training, tagger_training
from aegis_pipeline.training.loop import BEST, LOG, Lesson, Schedule, train
from aegis_pipeline.training.relation_data import gold_named
from aegis_pipeline.training.relation_training import RelationCourse, best_f1, in_turn, margins, relation_data
from aegis_pipeline.training.tagger_training import span_figures, tagged_texts, train_tagger
from aegis_pipeline_tests.training.documents import document

QUICK = Schedule(epochs=40, batch_size=2, encoder_rate=5e-3, head_rate=2e-2, patience=40)


def test_a_tagger_learns_two_documents_by_heart(
    backbone: Backbone, tokenizer: ReaderTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagger_training, "new_backbone", lambda: backbone)
    texts = tagged_texts([document("a"), document("b")], tokenizer, 64)
    weights = train_tagger(texts, texts, tokenizer, tmp_path, QUICK)
    learned = TaggerNetwork(backbone)
    load_weights(learned, weights)
    assert span_figures(texts, Tagger(learned, tokenizer))["typed_f1"] == 1.0


def test_a_relation_network_learns_two_documents_by_heart(
    backbone: Backbone, tokenizer: ReaderTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relation_training, "new_backbone", lambda: backbone)
    documents = [document("a"), document("b")]
    data = relation_data(documents, {d.id: gold_named(d) for d in documents}, tokenizer, 64)
    course = RelationCourse(["P19", "P551"], tokenizer, tuning=data)
    weights = course.train(partial(in_turn, data), tmp_path, QUICK)
    learned = RelationNetwork(backbone, 2)
    load_weights(learned, weights)
    reader = RelationReader(learned, tokenizer, ["P19", "P551"])
    assert best_f1(margins(data.found, reader), data.triples)["f1"] == 1.0


def test_documents_take_gold_and_found_mentions_in_turn(tokenizer: ReaderTokenizer) -> None:
    documents = [document("a"), document("b")]
    data = relation_data(
        documents, {"a": gold_named(documents[0])[:2], "b": gold_named(documents[1])[:2]}, tokenizer, 64
    )
    sizes = [[len(item.window.entities) for item in in_turn(data, epoch)] for epoch in range(2)]
    assert sizes == [[3, 2], [2, 3]]


class _Line(nn.Module):
    """Learns y = 2x; its dropout draws from the seed."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.dropout = nn.Linear(1, 1), nn.Dropout(0.2)


def _train(network: _Line, folder: Path, epochs: int, patience: int = 10, worse_after: int = 99) -> None:
    rounds = []

    def loss(batch: Sequence[float]) -> Tensor:
        x = torch.tensor(batch)[:, None]
        return ((network.dropout(network.line(x)) - 2 * x) ** 2).mean()

    def figures() -> dict[str, float]:
        rounds.append(1)
        return {"good": -len(rounds) if len(rounds) > worse_after else len(rounds) + 100.0 * (epochs > len(rounds))}

    lesson = Lesson(lambda _: [0.1 * k for k in range(10)], loss, lambda _: 1, figures, decisive="good")
    train(network, lesson, Schedule(6, 4, 0.01, 0.01, patience), folder)


def test_a_training_that_stopped_goes_on_as_if_it_had_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    whole = _Line()
    parts = [_Line(), _Line()]
    for part in parts:
        part.load_state_dict(whole.state_dict())
    _train(whole, tmp_path / "whole", 6)

    saved = {"count": 0}
    real = torch.save

    def interrupted(state: object, path: Path) -> None:
        real(state, path)
        saved["count"] += 1
        if saved["count"] == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _train(parts[0], tmp_path / "parts", 6)
    _train(parts[1], tmp_path / "parts", 6)
    torch.testing.assert_close(parts[1].line.weight, whole.line.weight, rtol=0, atol=0)


def test_patience_ends_it_and_the_best_weights_stay(tmp_path: Path) -> None:
    _train(_Line(), tmp_path, 0, patience=2, worse_after=1)
    rows = [json.loads(row) for row in (tmp_path / LOG).read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert (tmp_path / BEST).exists()


def test_best_f1_chooses_the_margin() -> None:
    want = {("d", ("0", "1", "P1")), ("d", ("0", "2", "P1")), ("d", ("9", "9", "P1"))}
    scored = {
        ("d", ("0", "1", "P1")): 3.0,
        ("d", ("0", "2", "P1")): -1.0,
        ("d", ("1", "0", "P1")): -2.0,
    }
    assert best_f1(scored, want) == {"f1": 0.8, "p": 1.0, "r": pytest.approx(2 / 3), "margin": -1.0, "f1_at_0": 0.5}
