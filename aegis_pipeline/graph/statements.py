"""Statements: what LightRAG's one undirected edge for a pair cannot hold, kept as one property of it.

A statement is a directed predicate with its evidence. The property ``statements`` is a JSON list, sorted, so that it
depends on the documents alone and not on the order in which they came.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from operator import attrgetter
from typing import Any

from aegis_pipeline.records import Relation

PROPERTY = "statements"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """One directed predicate between two graph keys, and the span of the document that states it."""

    document_id: str
    chunk_id: str
    start: int
    end: int
    head: str
    predicate: str
    tail: str
    pid: str | None
    confidence: float
    evidence: str
    extractor: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @property
    def pair(self) -> Pair:
        """The undirected pair, in the order in which edges are keyed."""
        return (self.head, self.tail) if self.head < self.tail else (self.tail, self.head)

    def renamed(self, keys: Mapping[str, str]) -> "Statement":
        """This statement with its head and tail as ``keys`` has them."""
        return replace(self, head=keys[self.head], tail=keys[self.tail])


fields_of: Callable[[Statement], tuple[Any, ...]] = attrgetter(*(field.name for field in fields(Statement)))


def statements_of(relations: Sequence[Relation], keys: Mapping[str, str]) -> dict[str, tuple[Statement, ...]]:
    """Document id → its statements; ``keys`` maps entity id to what heads and tails are called."""
    found: dict[str, set[Statement]] = defaultdict(set)
    for relation in relations:
        head, tail = keys.get(relation.head), keys.get(relation.tail)
        if head is not None and tail is not None and head != tail:
            found[relation.document_id].add(_statement(relation, head, tail))
    return {document_id: tuple(sorted(group, key=_order)) for document_id, group in found.items()}


def _statement(relation: Relation, head: str, tail: str) -> Statement:
    return Statement(
        document_id=relation.document_id,
        chunk_id=relation.chunk_id,
        start=relation.evidence.start,
        end=relation.evidence.end,
        head=head,
        predicate=relation.predicate,
        tail=tail,
        pid=relation.pid,
        confidence=round(relation.confidence, 4),
        evidence=relation.evidence_text,
        extractor=relation.extractor,
    )


def _order(statement: Statement) -> tuple[Any, ...]:
    """By every field, so that no two statements are level and no set's order shows."""
    return tuple((value is not None, "" if value is None else value) for value in fields_of(statement))


def decode(value: str | None) -> list[Statement]:
    """The statements in a property's value; none where the edge has none."""
    return [Statement(**item) for item in json.loads(value)] if value else []


def encode(statements: Iterable[Statement]) -> str:
    """The property's value: a sorted JSON list without doubles."""
    return json.dumps([s.as_dict() for s in sorted(set(statements), key=_order)], ensure_ascii=False, sort_keys=True)
