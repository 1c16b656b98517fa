"""Statements: what LightRAG's one undirected edge for a pair cannot hold, kept as one property of it.

A statement is a directed predicate with its evidence. The property ``statements`` is a JSON list, sorted, so that it
depends on the documents alone and not on the order in which they came.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
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


def statements_of(
    relations: Sequence[Relation], keys: Mapping[str, str]
) -> dict[str, dict[Pair, tuple[Statement, ...]]]:
    """Document id → pair of graph keys → its statements; ``keys`` maps entity id to graph key."""
    found: dict[str, dict[Pair, set[Statement]]] = defaultdict(lambda: defaultdict(set))
    for relation in relations:
        head, tail = keys.get(relation.head), keys.get(relation.tail)
        if head is not None and tail is not None and head != tail:
            statement = _statement(relation, head, tail)
            found[relation.document_id][statement.pair].add(statement)
    return {
        document_id: {pair: tuple(sorted(group, key=_order)) for pair, group in pairs.items()}
        for document_id, pairs in found.items()
    }


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
    return tuple("" if value is None else value for value in astuple(statement))


def decode(value: str | None) -> list[Statement]:
    """The statements in a property's value; none where the edge has none."""
    return [Statement(**item) for item in json.loads(value)] if value else []


def encode(statements: Iterable[Statement]) -> str:
    """The property's value: a sorted JSON list without doubles."""
    return json.dumps([s.as_dict() for s in sorted(set(statements), key=_order)], ensure_ascii=False, sort_keys=True)


def replace(value: str | None, documents: Collection[str], new: Iterable[Statement]) -> str:
    """``value`` without what ``documents`` stated, and with ``new``."""
    kept = [statement for statement in decode(value) if statement.document_id not in documents]
    return encode([*kept, *new])
