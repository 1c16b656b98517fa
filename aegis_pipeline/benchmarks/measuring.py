"""The three phases on labelled documents: how good what they find is, how they ended, and what it took."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

from aegis_pipeline.benchmarks.scoring import Prediction, score
from aegis_pipeline.benchmarks.statements import Gold, by_property, evidence, stated
from aegis_pipeline.pipeline.extraction import Extraction
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.records import Document, PhaseOutcome, RelationResult


def documents_of(gold: Gold) -> list[Document]:
    """The texts of labelled documents."""
    return [Document(key, key, document["text"], "") for key, document in gold.items()]


def measured(gold: Gold, extraction: Extraction) -> dict[str, Any]:
    """All figures of what was found in ``documents_of(gold)``: quality, what became of the documents, and cost."""
    return {
        "quality": quality(gold, extraction),
        "outcomes": {
            "mentions": _outcomes(extraction.phase1.outcomes),
            "relations": _outcomes(extraction.phase3.outcomes),
        },
        "statements": statements(extraction.phase3),
        "a document": cost(extraction),
    }


def quality(gold: Gold, extraction: Extraction) -> dict[str, Any]:
    """The scorer's figures, with evidence and each property where gold has relations."""
    lines = {line["id"]: cast(Prediction, line) for line in prediction_lines(extraction)}
    figures = score(gold, lines)
    if "rel_soft" in figures:
        found = stated(gold, lines, extraction.relations)
        figures |= {"evidence": evidence(gold, found), "properties": by_property(gold, found)}
    return figures


def statements(phase3: RelationResult) -> dict[str, Any]:
    """How many were kept, by what extracted them, and how many were not, by reason; chunks that an LLM lost."""
    rejected: Counter[str] = Counter()
    for rejection in chain.from_iterable(outcome.rejected for outcome in phase3.outcomes):
        rejected[rejection.reason] += rejection.count
    return {
        "kept": _sorted(Counter(relation.extractor for relation in phase3.relations)),
        "rejected": _sorted(rejected),
        "lost chunks": _sorted(Counter(letter.reason for letter in phase3.dead_letters)),
    }


def cost(extraction: Extraction) -> dict[str, Any]:
    """Calls, tokens and seconds for each document, the mean; ``from_cache`` counts answers that took none of them."""
    usage, count = extraction.phase3.usage, max(1, len(extraction.documents))
    return {
        "calls": round(usage.calls / count, 3),
        "prompt tokens": round(usage.prompt_tokens / count),
        "answer tokens": round(usage.answer_tokens / count),
        "answers from the cache": usage.from_cache,
        "seconds": {phase: round(spent / count, 3) for phase, spent in extraction.seconds.items()},
    }


def _outcomes(outcomes: Sequence[PhaseOutcome]) -> dict[str, int]:
    return _sorted(Counter(outcome.outcome.value for outcome in outcomes))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
