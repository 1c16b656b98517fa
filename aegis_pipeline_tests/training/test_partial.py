import torch

from aegis_pipeline.reader.labels import TYPES, TypedSpan
from aegis_pipeline.reader.relation_network import PairScores
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.training.partial import PartialMention, PartialRelation, PartialText, partial_windows
from aegis_pipeline.training.relation_data import LabelledWindow
from aegis_pipeline.training.relation_training import batch_loss

TEXT = "She lives in Warsaw."


class _Tagger:
    def tag(self, texts: list[str]) -> list[list[TypedSpan]]:
        return [[(13, 19, TYPES.index("LOC"))] for _ in texts]


def _window(tokenizer: ReaderTokenizer) -> LabelledWindow:
    mentions = [PartialMention(start=0, end=3, cluster=4), PartialMention(start=13, end=19, cluster=7)]
    relations = [PartialRelation(head=4, tail=7, pid="P551"), PartialRelation(head=4, tail=9, pid="P19")]
    relations.append(PartialRelation(head=4, tail=7, pid="P1"))  # which nothing learns
    text = PartialText(id="t", text=TEXT, mentions=mentions, relations=relations, annotated=["P551", "P1"])
    [window] = partial_windows([text], _Tagger(), tokenizer, 64)  # type: ignore[arg-type]
    return window


def test_types_are_the_taggers_and_a_pronoun_is_a_person(tokenizer: ReaderTokenizer) -> None:
    found = _window(tokenizer)
    assert [TYPES[m.kind] for m in found.window.mentions] == ["PER", "LOC"]
    assert found.holds == {(0, 1): {"P551", "P1"}}


def test_properties_that_were_not_labelled_have_no_part_in_the_loss(tokenizer: ReaderTokenizer) -> None:
    logits = torch.zeros(2, 3, requires_grad=True)
    batch_loss(
        [_window(tokenizer)],
        [PairScores(torch.tensor([[0, 1], [1, 0]]), logits, torch.ones(2, 1))],
        {"P19": 1, "P551": 2},
    ).backward()
    assert logits.grad is not None
    assert logits.grad[:, 1].abs().sum() == 0
    assert (logits.grad[:, 2] != 0).all()
