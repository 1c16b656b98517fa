"""Where a mention stands in its sentence."""

from dataclasses import replace

import pytest

from aegis_pipeline.entities.sentences import by_sentence
from aegis_pipeline_tests.entities.texts import said


def around(*sentences: str) -> list[list[tuple[str, str, str]]]:
    return [[(p.before, p.mention.text, p.after) for p in s] for s in by_sentence(said("d", *sentences))]


def test_sentences_one_by_one() -> None:
    assert around("{Ada|person} met {Bob|person}.", "{Ada|person} left.") == [
        [("", "Ada", " met Bob."), ("Ada met ", "Bob", ".")],
        [("", "Ada", " left.")],
    ]


@pytest.mark.parametrize(
    ("sentence", "before"),
    [
        ("Bob and Bob met {Bob|person}.", ["Bob and "]),  # alone, the first place where it stands is as good as any
        ("Bob and {Bob|person} met {Ann|person}.", ["Bob and ", "Bob and Bob met "]),
        ("{Bob|person} and Bob met {Ann|person}.", ["", "Bob and Bob met "]),
        ("{Bob|person}, {Bob|person}, Bob.", ["", "Bob, "]),
    ],
)
def test_sentences_in_which_a_word_repeats(sentence: str, before: list[str]) -> None:
    (found,) = around(sentence)
    if len(before) == 1:
        assert found == [("", "Bob", " and Bob met Bob.")]
    else:
        assert [row[0] for row in found] == before


def test_sentences_whatever_the_order_of_the_mentions() -> None:
    mentions = said("d", "{Ada|person} met {Bob|person}.", "{Ada|person} left {Bob|person}.")
    assert by_sentence(mentions[::-1]) == by_sentence(mentions)


@pytest.mark.parametrize("context", ["", "Something else was said."])
def test_sentences_that_are_not_known_are_left_out(context: str) -> None:
    one, other = said("d", "{Ada|person} left.", "{Bob|person} came.")
    assert by_sentence([replace(one, context=context)]) == [[]]
    assert [len(sentence) for sentence in by_sentence([replace(one, context=context), other])] == [0, 1]


def test_sentences_whose_mentions_disagree_on_the_text_are_left_out() -> None:
    one, other = said("d", "{Ada|person} met {Bob|person}.")
    assert by_sentence([one, replace(other, span=replace(other.span, start=other.span.start + 1))]) == [[]]
