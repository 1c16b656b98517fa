from collections.abc import Sequence

import pytest
import torch

from aegis_pipeline.reader.backbone import Backbone, SharedDropout, TokenBatch, token_batch
from aegis_pipeline.reader.labels import MARKS, begin_mark, inside_mark
from aegis_pipeline.reader.layout import Layout, layout_of, marks_of
from aegis_pipeline.reader.relation_network import PairScores, RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork, spans_of
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, Window, windows
from aegis_pipeline.records import Span

TEXT = "Marie Curie was born in Warsaw. Curie lives in Paris."


def _window(tokenizer: ReaderTokenizer) -> Window:
    named = [
        Named(Span(0, 11), 0, "curie"),
        Named(Span(24, 30), 2, "warsaw"),
        Named(Span(32, 37), 0, "curie"),
        Named(Span(47, 52), 2, "paris"),
    ]
    return windows(TEXT, [Span(0, 31), Span(32, 53)], named, tokenizer, 64)[0]


def test_padding_changes_nothing(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    backbone.eval()
    short, long = tokenizer.read("Marie was born."), tokenizer.read(TEXT)
    alone = backbone(token_batch([short], tokenizer)).last[0, : len(short) + 2]
    beside = backbone(token_batch([long, short], tokenizer)).last[1, : len(short) + 2]
    torch.testing.assert_close(alone, beside)


def test_few_lengths_are_computed(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    texts = [tokenizer.read("was " * words) for words in range(1, 65)]
    assert {backbone(token_batch([text], tokenizer)).last.shape[1] for text in texts} == {32, 64, 66}


def test_word_embeddings_are_frozen(backbone: Backbone) -> None:
    frozen = {name for name, parameter in backbone.named_parameters() if not parameter.requires_grad}
    assert frozen == {"bert.embeddings.word_embeddings.weight"}


def test_dropout_is_the_same_for_all_pieces_of_a_text() -> None:
    torch.manual_seed(0)
    dropout = SharedDropout(0.5)
    dropped = dropout.train()(torch.ones(2, 5, 64))
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropout.eval()(torch.ones(1, 1, 3)), torch.ones(1, 1, 3))


def test_spans_have_whole_words(tokenizer: ReaderTokenizer) -> None:
    tokens = tokenizer.read("zoo berlin was")
    marks = [begin_mark(1), 0, 0, inside_mark(1), 0]
    assert spans_of(tokens, marks) == [(0, 10, 1)]


def test_tagger_reads_every_part_of_a_long_text(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    network = TaggerNetwork(backbone)
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.eye(MARKS)[begin_mark(2)])
    found = Tagger(network, tokenizer).tag(["", "berlin " * 200])
    assert found == [[], [(7 * k, 7 * k + 6, 2) for k in range(200)]]


def test_scores_are_one_row_a_pair(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    window = _window(tokenizer)
    network = RelationNetwork(backbone, 5).eval()
    [scores] = network(token_batch([window.tokens], tokenizer, [marks_of(window)]), [layout_of(window)])
    assert scores.logits.shape == (6, 6)
    assert scores.evidence.shape == (6, 2)
    assert torch.all(scores.evidence.sum(1) <= 1.001)


def test_a_window_reads_the_same_in_company(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    window = _window(tokenizer)
    named = [Named(Span(0, 11), 0, "curie"), Named(Span(24, 30), 2, "warsaw")]
    [longer] = windows(f"{TEXT} {TEXT}", [Span(0, 107)], named, tokenizer, 64)
    network = RelationNetwork(backbone, 5).eval()
    alone = network(token_batch([window.tokens], tokenizer), [layout_of(window)])[0]
    beside = network(token_batch([longer.tokens, window.tokens], tokenizer), [layout_of(longer), layout_of(window)])[1]
    torch.testing.assert_close(beside, alone)


def test_pairs_in_parts_give_the_same(
    backbone: Backbone, tokenizer: ReaderTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = _window(tokenizer)
    network = RelationNetwork(backbone, 5).eval()
    batch = token_batch([window.tokens], tokenizer)
    whole = network(batch, [layout_of(window)])[0].logits
    monkeypatch.setattr("aegis_pipeline.reader.relation_network._PAIRS_AT_ONCE", 4)
    torch.testing.assert_close(network(batch, [layout_of(window)])[0].logits, whole)


def _constant(backbone: Backbone, margins: list[float]) -> RelationNetwork:
    """Says the same of every pair: property ``k`` has the ``k``-th margin."""
    network = RelationNetwork(backbone, len(margins))
    with torch.no_grad():
        network.bilinear.weight.zero_()
        network.bilinear.bias.copy_(torch.tensor([0.0, *margins]))
    return network


def test_statements_name_entities_property_and_sentence(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    reader = RelationReader(_constant(backbone, [-1.0, 2.0]), tokenizer, ["P1", "P2"])
    [found] = reader.read([_window(tokenizer)])
    names = ["curie", "warsaw", "paris"]
    assert [(s.head, s.tail) for s in found] == [(a, b) for a in names for b in names if a != b]
    assert {(s.pid, s.margin) for s in found} == {("P2", 2.0)}
    assert {s.sentences[0] for s in found} <= {0, 1}
    assert len(reader.read([_window(tokenizer)], -1.0)[0]) == 12


class _Attending(torch.nn.Module):
    """States ``P1`` of every pair, and attends to the window's two sentences by these shares."""

    def __init__(self, *shares: float) -> None:
        super().__init__()
        self._shares = shares

    def in_parts(self, batch: TokenBatch, layouts: Sequence[Layout]) -> list[list[PairScores]]:
        pairs = layouts[0].pairs
        logits, evidence = torch.tensor([[0.0, 1.0]] * len(pairs)), torch.tensor([self._shares] * len(pairs))
        return [[PairScores(pairs, logits, evidence)]]


@pytest.mark.parametrize(
    ("shares", "evidence"), [((0.1, 0.7), (1,)), ((0.2, 0.7), (1, 0)), ((0.1, 0.1), (0,)), ((0.4, 0.4), (0, 1))]
)
def test_sentences_that_a_pair_attends_to_are_its_evidence(
    tokenizer: ReaderTokenizer, shares: tuple[float, float], evidence: tuple[int, ...]
) -> None:
    reader = RelationReader(_Attending(*shares), tokenizer, ["P1"])  # type: ignore[arg-type]
    assert {statement.sentences for statement in reader.read([_window(tokenizer)])[0]} == {evidence}


def test_a_window_of_one_entity_states_nothing(backbone: Backbone, tokenizer: ReaderTokenizer) -> None:
    reader = RelationReader(_constant(backbone, [9.0]), tokenizer, ["P1"])
    lonely = windows("Marie was born.", [Span(0, 15)], [Named(Span(0, 5), 0, "marie")], tokenizer, 64)
    assert reader.read(lonely) == [[]]
