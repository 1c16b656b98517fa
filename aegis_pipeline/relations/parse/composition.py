"""What two statements about places say together: a town in a county in a state is in that state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from aegis_pipeline.records import Relation

WITHIN = "located_in_the_administrative_territorial_entity"
COUNTRY = "country"

ROUNDS = 2
"""A chain of up to four places; in longer ones the commas are those of a list."""


def compose(relations: Iterable[Relation], confidence: float, across: float) -> Iterator[Relation]:
    """What follows from A within B and B within C (or B's country C), wherever the document states the two.

    Args:
        relations: those of one document.
        confidence: what a composed statement gets, at most that of the statements that it is made of.
        across: the same, where the two are not stated in one sentence.

    Returns:
        Statements with the evidence of the first: A within B.
    """
    stated = [relation for relation in relations if relation.predicate in {WITHIN, COUNTRY}]
    known = stated
    for _ in range(ROUNDS):
        known = list(_joined(known, stated, confidence, across))
        yield from known


def _joined(
    first: Sequence[Relation], second: Sequence[Relation], confidence: float, across: float
) -> Iterator[Relation]:
    """Every A within B joined with every statement about B, once."""
    of_place: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation in second:
        of_place[relation.head].append(relation)
    seen = set()
    for inner in first:
        for outer in of_place[inner.tail] if inner.predicate == WITHIN else ():
            statement = (inner.head, outer.predicate, outer.tail)
            if inner.head != outer.tail and statement not in seen:
                seen.add(statement)
                most = confidence if inner.evidence == outer.evidence else across
                surest = min(inner.confidence, outer.confidence, most)
                yield replace(inner, tail=outer.tail, predicate=outer.predicate, pid=outer.pid, confidence=surest)
