"""Which sentences describe: few, best first, and the same whatever the order."""

import random

from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.graph.descriptions import MAX_SENTENCES, SEPARATOR, choose, split

LIMIT = 60  # long is above ten words here
SENTENCES = st.sets(st.lists(st.sampled_from(["Ada", "is", "w", "x"]), min_size=1, max_size=20).map(" ".join))


def _words(text: str) -> int:
    return len(text.split())


def _choose(sentences: "set[str] | list[str]") -> str:
    return choose("Ada", sentences, _words, LIMIT)


def test_descriptions_split_is_what_was_joined() -> None:
    assert split(f"a {SEPARATOR}b{SEPARATOR}") == ["a", "b"]
    assert split(None) == split("") == []


def test_descriptions_definition_comes_first() -> None:
    definition = "Ada was a mathematician who wrote the first program."
    late = "It is said that the first program was by Ada."
    assert split(_choose({late, "Ada.", definition, "No name is in this sentence of good length."}))[:2] == [
        definition,
        late,
    ]


def test_descriptions_at_most_five_and_none_for_none() -> None:
    assert len(split(_choose({f"Ada has {n} of them." for n in range(9)}))) == MAX_SENTENCES == 5
    assert _choose(set()) == ""


def test_descriptions_long_sentences_only_where_there_are_no_others() -> None:
    long = "Ada " + "w " * 30 + "end"
    assert _choose({long, long + "s"}) == long
    assert _choose({long, "Ada is."}) == "Ada is."


@given(SENTENCES, st.integers())
def test_descriptions_do_not_depend_on_order(sentences: set[str], seed: int) -> None:
    shuffled = random.Random(seed).sample(sorted(sentences), len(sentences))
    assert _choose(shuffled) == _choose(sorted(sentences))


@given(SENTENCES, SENTENCES)
def test_descriptions_best_of_a_union_is_best_of_the_bests(first: set[str], second: set[str]) -> None:
    """So that a graph that grew batch by batch says what one written at once says."""
    assert _choose(first | second) == _choose([*split(_choose(first)), *split(_choose(second))])


@given(SENTENCES)
def test_descriptions_several_sentences_fit_together(sentences: set[str]) -> None:
    chosen = split(_choose(sentences))
    assert len(chosen) == 1 or sum(map(_words, chosen)) <= LIMIT * 5 / 6
