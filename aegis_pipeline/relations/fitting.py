"""What every extractor's relations go through: triples that the relation schema rules out are rejected, and counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aegis_pipeline.records import Rejection, Relation
from aegis_pipeline.relations.schema import RelationSchema


class Misfit(StrEnum):
    """Why a triple cannot be."""

    UNKNOWN_PREDICATE = "unknown_predicate"
    SELF_RELATION = "self_relation"
    HEAD_TYPE = "head_type"
    TAIL_TYPE = "tail_type"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The relations that fit, in their order, and how many did not, by reason."""

    relations: tuple[Relation, ...]
    rejected: tuple[Rejection, ...]


def fit(relations: Iterable[Relation], types: Mapping[str, str], schema: RelationSchema) -> Fitted:
    """The relations that ``schema`` allows between their ends; ``types`` maps entity id to the project's type."""
    fitting: list[Relation] = []
    rejected: Counter[str] = Counter()
    for relation in relations:
        if reason := misfit(relation, types, schema):
            rejected[reason.value] += 1
        else:
            fitting.append(relation)
    return Fitted(tuple(fitting), tuple(Rejection(reason, count) for reason, count in sorted(rejected.items())))


def misfit(relation: Relation, types: Mapping[str, str], schema: RelationSchema) -> Misfit | None:
    """Why the relation cannot be; None where it can."""
    if relation.predicate not in schema:
        return Misfit.UNKNOWN_PREDICATE
    predicate = schema[relation.predicate]
    if relation.head == relation.tail:
        return Misfit.SELF_RELATION
    if types[relation.head] not in predicate.head:
        return Misfit.HEAD_TYPE
    return None if types[relation.tail] in predicate.tail else Misfit.TAIL_TYPE
