"""What the gates judge of a batch, from its tables in the lake."""

from collections import Counter
from itertools import compress, islice

from aegis_pipeline import tables
from aegis_pipeline.gates import BatchProfile, MentionCount, count_words
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.batches import is_accepted


def mention_counts_of(lake: DocumentLake, batch: str) -> list[MentionCount]:
    """The words and mentions of each document that could be read.

    Raises:
        LakeError: phase 1 has not run for the batch.
    """
    ids, texts = (lake.column(batch, tables.DOCUMENTS, name) for name in ("id", "text"))
    found = Counter(lake.column(batch, tables.MENTIONS, "document_id"))
    return [MentionCount(key, count_words(text), found[key]) for key, text in zip(ids, texts, strict=True)]


def profile_of(lake: DocumentLake, batch: str) -> BatchProfile:
    """How sure the batch's relations are, and of which types its entities that are nodes.

    Raises:
        LakeError: phase 3 has not run for the batch.
    """
    types, are_nodes = (lake.column(batch, tables.ENTITIES, name) for name in ("type", "is_node"))
    confidences = lake.column(batch, tables.RELATIONS, "confidence")
    return BatchProfile(tuple(confidences), Counter(compress(types, are_nodes)))


def earlier_profiles(lake: DocumentLake, batch: str, count: int) -> list[BatchProfile]:
    """Those of up to ``count`` other batches that the graph holds, the ones whose relations were written last."""
    others = (each for each in lake.batches() if each != batch and lake.has(each, tables.RELATIONS))
    newest = sorted(others, key=lambda each: lake.stamp(each, [tables.RELATIONS]), reverse=True)
    return [profile_of(lake, each) for each in islice((e for e in newest if is_accepted(lake, e)), count)]
