"""``mention_rate``: too few, too many, none in most documents, and what is too little to judge."""

from collections.abc import Sequence

import pytest

from aegis_pipeline.gates import MentionCount, MentionLimits, count_words, mention_rate

LIMITS = MentionLimits(minimum=5, maximum=500, max_without=0.5, words=1000)


def counts(*documents: tuple[int, int]) -> list[MentionCount]:
    """A document for each pair of words and mentions."""
    return [MentionCount(f"d{number}", *document) for number, document in enumerate(documents)]


@pytest.mark.parametrize(
    ("documents", "rate", "passed"),
    [
        ([(1000, 150)], 150.0, True),
        ([(1000, 5)], 5.0, True),
        ([(1000, 4)], 4.0, False),
        ([(1000, 500)], 500.0, True),
        ([(1000, 501)], 501.0, False),
        ([(100, 20)] * 5 + [(100, 0)] * 5, 100.0, True),
        ([(100, 20)] * 4 + [(100, 0)] * 6, 80.0, False),
        ([(200, 40)] * 2 + [(200, 0)] * 7, 44.4, True),  # nine documents are too few for a share
        ([(110, 20)] * 10 + [(99, 0)] * 90, 20.0, True),  # ninety short ones do not count
    ],
)
def test_mention_rate(documents: Sequence[tuple[int, int]], rate: float, passed: bool) -> None:
    verdict = mention_rate(counts(*documents), LIMITS)
    assert round(verdict.evidence["mentions_per_1000_words"], 1) == rate
    assert (verdict.passed, verdict.warning) == (passed, False)
    assert ("aegis doctor" in verdict.description) is not passed


@pytest.mark.parametrize("documents", [(), ((999, 0),), ((300, 0), (400, 0)), ((999, 999),)])
def test_mention_rate_does_not_judge_a_few_words(documents: Sequence[tuple[int, int]]) -> None:
    verdict = mention_rate(counts(*documents), LIMITS)
    assert verdict.passed
    assert verdict.evidence["too_little_to_judge"]
    assert "Too little to judge" in verdict.description


def test_mention_rate_names_the_longest_documents_without_mentions() -> None:
    verdict = mention_rate(counts(*((100 + number, 0) for number in range(12))), LIMITS)
    assert verdict.evidence["longest_without_mentions"] == [f"d{number}" for number in range(11, 1, -1)]


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), ("Two words", 2), ("曼彻斯特大学", 3), ("ARM 的总部在剑桥", 4), ("マンチェスター", 3)]
)
def test_words_are_counted_in_scripts_without_spaces(text: str, words: int) -> None:
    assert count_words(text) == words
