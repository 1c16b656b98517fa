"""The gate behind phase 1: a model that finds nothing, or everything."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aegis_pipeline.gates.verdict import WORST, Verdict

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_CHARACTERS_PER_UNSPACED_WORD = 2


@dataclass(frozen=True, slots=True)
class MentionCount:
    """How many words one document has, and how many mentions phase 1 found in it."""

    document_id: str
    words: int
    mentions: int


@dataclass(frozen=True, slots=True)
class MentionLimits:
    """``minimum`` and ``maximum`` mentions per 1,000 words, the largest share of documents without any, and how many
    words are enough to judge by.

    Short documents often have no name: only those of ``document_words`` can count as documents without, and their share
    is not judged where there are fewer than ``documents`` of them.
    """

    minimum: float
    maximum: float
    max_without: float
    words: int
    document_words: int = 100
    documents: int = 10


def count_words(text: str) -> int:
    """Words between spaces; where a script has none (Chinese, Japanese, Thai), two characters are one."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + unspaced // _CHARACTERS_PER_UNSPACED_WORD


def mention_rate(counts: Sequence[MentionCount], limits: MentionLimits) -> Verdict:
    """Mentions per 1,000 words of all readable text, and the share of documents in which there is none."""
    words, mentions = sum(c.words for c in counts), sum(c.mentions for c in counts)
    longer = [c for c in counts if c.words >= limits.document_words]
    without = [c for c in longer if not c.mentions]
    rate = 1000 * mentions / words if words else 0.0
    share = len(without) / len(longer) if longer else 0.0
    evidence = {
        "words": words,
        "mentions": mentions,
        "mentions_per_1000_words": round(rate, 2),
        "minimum": limits.minimum,
        "maximum": limits.maximum,
        "documents": len(longer),
        "documents_without_mentions": len(without),
        "share_without_mentions": round(share, 4),
        "max_share_without_mentions": limits.max_without,
        "longest_without_mentions": [c.document_id for c in sorted(without, key=lambda c: -c.words)[:WORST]],
    }
    if words < limits.words:
        return Verdict.undecided(f"{words} words, {limits.words} are needed.", evidence)
    said = f"{rate:.1f} mentions per 1,000 words; {len(without)} of {len(longer)} documents have none."
    in_bounds = limits.minimum <= rate <= limits.maximum
    few_without = len(longer) < limits.documents or share <= limits.max_without
    passed = in_bounds and few_without
    remedy = "" if passed else " `aegis doctor` says which model of phase 1 is in use."
    return Verdict(passed, False, said + remedy, evidence)
