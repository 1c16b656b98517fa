"""Texts that are too long, too dense, or no texts: each gives a result, and none takes memory without bound."""

from collections.abc import Callable

import pytest
import torch

from aegis_pipeline.reader import relation_network
from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.labels import MARKS, begin_mark
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, windows
from aegis_pipeline.records import Span


@pytest.fixture
def tagger(backbone: Backbone, tokenizer: ReaderTokenizer) -> Tagger:
    """Calls every word a place."""
    network = TaggerNetwork(backbone)
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.eye(MARKS)[begin_mark(2)])
    return Tagger(network, tokenizer)


@pytest.fixture
def reader(backbone: Backbone, tokenizer: ReaderTokenizer) -> RelationReader:
    """States one property of every pair."""
    network = RelationNetwork(backbone, 1)
    with torch.no_grad():
        network.bilinear.weight.zero_()
        network.bilinear.bias.copy_(torch.tensor([0.0, 1.0]))
    return RelationReader(network, tokenizer, ["P1"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", 0),
        (" \n\t", 0),
        ("x" * 50_000, 1),  # a word too long to be cut into pieces is one unknown piece
        ("paris," * 1_000, 2_000),  # the comma is a word of its own
        ("z9" * 40, 2),  # one word of 80 pieces, 16 beyond what is read at once: a name in two parts
        ("👩" * 500, 1),
    ],
)
def test_the_tagger_reads_what_is_hardly_a_text(tagger: Tagger, text: str, names: int) -> None:
    [spans] = tagger.tag([text])
    assert len(spans) == names
    assert all(0 <= a < b <= len(text) for a, b, _ in spans)


def test_texts_are_tagged_the_same_alone_and_together(tagger: Tagger) -> None:
    texts = ["Marie lives in Paris.", "Berlin, Paris", "", "was born in Warsaw . " * 20]
    assert tagger.tag(texts) == [tagger.tag([text])[0] for text in texts]


def _named(tokenizer: ReaderTokenizer, text: str, entity: Callable[[int], str]) -> list[Named]:
    return [Named(Span(*span), 2, entity(k)) for k, span in enumerate(tokenizer.read(text).spans)]


def test_all_pairs_of_a_window_full_of_names_are_scored_in_parts(
    reader: RelationReader, tokenizer: ReaderTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    logits = RelationNetwork._logits

    def counted(self: RelationNetwork, *args: torch.Tensor) -> torch.Tensor:
        scored = logits(self, *args)  # type: ignore[arg-type]
        sizes.append(len(scored))
        return scored

    monkeypatch.setattr(RelationNetwork, "_logits", counted)
    text = "paris " * 60
    [window] = reader.windows(text, [Span(0, len(text))], _named(tokenizer, text, str))
    [found] = reader.read([window])
    assert len({(s.head, s.tail) for s in found}) == len(found) == 60 * 59
    assert max(sizes) <= relation_network._PAIRS_AT_ONCE < sum(sizes)


def test_two_thousand_entities_are_related_where_they_stand_together(
    reader: RelationReader, tokenizer: ReaderTokenizer
) -> None:
    text = "paris " * 2_000
    named = _named(tokenizer, text, str)
    found = reader.windows(text, [Span(0, len(text))], named)
    assert {entity for window in found for entity in window.entities} == {str(k) for k in range(2_000)}
    assert max(len(window.entities) for window in found) <= 64


def test_a_window_is_read_the_same_alone_and_together(reader: RelationReader, tokenizer: ReaderTokenizer) -> None:
    text = "Marie lives in Paris. " * 9
    found = windows(text, [Span(0, len(text))], _named(tokenizer, text, lambda k: str(k % 7)), tokenizer, 20)
    assert reader.read(found, -9) == [reader.read([window], -9)[0] for window in found]


@pytest.mark.parametrize("text", ["", "x" * 50_000, "paris"])
def test_less_than_two_entities_state_nothing(reader: RelationReader, tokenizer: ReaderTokenizer, text: str) -> None:
    found = reader.windows(text, [Span(0, len(text))] if text else [], _named(tokenizer, text, str))
    assert [statement for one in reader.read(found) for statement in one] == []
