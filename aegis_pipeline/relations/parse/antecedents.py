"""Whom he and she refer to: a simple rule, whose precision is measured apart from that of names (``BY_PRONOUN``)."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from aegis_pipeline.records import Mention, RelationInput


def antecedents(document: RelationInput, types: Mapping[str, str]) -> dict[int, Mention]:
    """For each sentence, by its index, the person that the earlier sentences of its chunk name most often.

    Of equals the one that is named first. ``types`` gives the type of each mention by its id.
    """
    persons: defaultdict[int, list[Mention]] = defaultdict(list)
    for mention in sorted(document.mentions, key=lambda mention: mention.span.start):
        if mention.id in document.entity_of and types[mention.id] == "person":
            persons[mention.sentence].append(mention)
    found: dict[int, Mention] = {}
    for chunk in document.chunks:
        named: Counter[str] = Counter()
        first: dict[str, Mention] = {}
        for sentence in document.sentences:
            if sentence.chunk_id != chunk.id:
                continue
            if named:
                found[sentence.index] = first[max(named, key=named.__getitem__)]
            for mention in persons[sentence.index]:
                entity = document.entity_of[mention.id]
                named[entity] += 1
                first.setdefault(entity, mention)
    return found
