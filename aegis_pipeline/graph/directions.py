"""Of two statements that say the same, one of a predicate and one of its inverse, the graph has the one that its
relation schema names first; of a symmetric predicate, the one whose head comes first by name.

A relation is turned by itself, without regard to what else is stated: so a document's share of the graph depends on the
document alone, and what one document states stays when another that states the inverse is removed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aegis_pipeline.records import Relation
from aegis_pipeline.relations import RelationSchema


def in_one_direction(
    relations: Iterable[Relation], things: Mapping[str, str], schema: RelationSchema
) -> list[Relation]:
    """Every relation in the direction that the graph keeps; of those that are then the same, by the same evidence, the
    surest. ``things`` maps entity id to what symmetric relations are ordered by.

    Raises:
        InputError: a predicate is not in the schema.
    """
    surest: dict[tuple[object, ...], Relation] = {}
    for relation in relations:
        kept = _turned(relation, things, schema)
        same = (kept.document_id, kept.head, kept.predicate, kept.tail, kept.evidence)
        if same not in surest or kept.confidence > surest[same].confidence:
            surest[same] = kept
    return list(surest.values())


def _turned(relation: Relation, things: Mapping[str, str], schema: RelationSchema) -> Relation:
    stated = schema.predicate(relation.predicate)
    kept = schema.kept(stated)
    if stated.symmetric:
        as_kept = things.get(relation.head, "") <= things.get(relation.tail, "")
    else:
        as_kept = kept is stated
    if as_kept:
        return relation
    return replace(relation, head=relation.tail, tail=relation.head, predicate=kept.key, pid=kept.pid)
