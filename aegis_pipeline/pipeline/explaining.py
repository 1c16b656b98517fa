"""Why an entity is what it is: everything that the lake has on it, for people to check. No model is loaded for it."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aegis_pipeline import tables
from aegis_pipeline.entities import normalise
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph.identity import things_of
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.records import Entity, Mention, MergeDecision, Relation
from aegis_pipeline.tables import Record, Table

_NEAREST_NAMES, _LEAST_LIKENESS = 5, 0.6


@dataclass(frozen=True, slots=True)
class Place:
    """Characters of a document, and the sentence around them."""

    path: str
    start: int
    end: int
    sentence: str


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A mention: what the text calls the entity, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Said:
    """A relation of the entity; head and tail are keys of the graph."""

    head: str
    predicate: str
    tail: str
    confidence: float
    place: Place


@dataclass(frozen=True, slots=True)
class Reason:
    """Why ``alias`` is the entity's name too, or is not; ``score`` is in [0, 1]."""

    alias: str
    reason: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One entity of one batch. ``key`` is its node in the graph, None where the graph does not have it; ``documents``
    maps path to the number of mentions there."""

    batch: str
    id: str
    key: str | None
    name: str
    type: str
    aliases: tuple[str, ...]
    documents: Mapping[str, int]
    mentions: tuple[NamedPlace, ...]
    merges: tuple[Reason, ...]
    refusals: tuple[Reason, ...]
    relations: tuple[Said, ...]


def explain(lake: DocumentLake, batches: Iterable[str], keys: Mapping[str, str], asked: str) -> list[Explanation]:
    """Every entity of ``batches`` with that graph key, name, alias or id, those that are called so before aliases.

    Args:
        lake: the batches' tables.
        batches: those to look in; one without entities yet is passed over.
        keys: thing → key of its node, as the graph has it (``stores.graph_keys``).
        asked: an id or a name, in any spelling that has the same normalised key.

    Raises:
        InputError: there is no such entity; the message has the nearest names.
        LakeError: a batch's tables are damaged.
    """
    known = [_Batch.read(lake, batch, keys) for batch in batches if lake.has(batch, tables.ENTITIES)]
    key = normalise(asked)
    ranked = [(batch.rank(entity, key), batch, entity) for batch in known for entity in batch.entities]
    found = [batch.explain(entity) for wanted in (0, 1) for rank, batch, entity in ranked if rank == wanted]
    if not found:
        raise InputError(_unknown(asked, (name for batch in known for name in batch.names)))
    return found


@dataclass(frozen=True)
class _Batch:
    """A batch's entities with their keys in the graph, and the paths of its documents."""

    lake: DocumentLake
    name: str
    entities: tuple[Entity, ...]
    keys: Mapping[str, str]
    paths: Mapping[str, str]

    @classmethod
    def read(cls, lake: DocumentLake, batch: str, keys: Mapping[str, str]) -> "_Batch":
        entities = lake.read(batch, tables.ENTITIES)
        things = things_of([entity for entity in entities if entity.is_node])
        ids, paths = (lake.column(batch, tables.DOCUMENTS, name) for name in ("id", "path"))
        own = {entity_id: keys[thing] for entity_id, thing in things.items() if thing in keys}
        return cls(lake, batch, entities, own, dict(zip(ids, paths, strict=True)))

    @property
    def names(self) -> Iterator[str]:
        """Everything that is called something."""
        return (name for entity in self.entities for name in (entity.name, *entity.aliases))

    def rank(self, entity: Entity, key: str) -> int | None:
        """0 where ``key`` is that of the entity's name, 1 where it is an alias's; None where it is neither."""
        called = (entity.id, entity.name, self.keys.get(entity.id, entity.key))
        ranked = ((0, called), (1, entity.aliases))
        return next((rank for rank, names in ranked if key in map(normalise, names)), None)

    def explain(self, entity: Entity) -> Explanation:
        documents = Counter(self.paths[mention.document_id] for mention in entity.mentions)
        ids = {mention.document_id for mention in entity.mentions}
        decided = self._read(tables.MERGES)
        own = [(d.accepted, self._reason(d, ids)) for d in decided if d.entity_id == entity.id]
        return Explanation(
            batch=self.name,
            id=entity.id,
            key=self.keys.get(entity.id),
            name=entity.name,
            type=entity.type,
            aliases=entity.aliases,
            documents=dict(sorted(documents.items())),
            mentions=tuple(sorted(map(self._mention, entity.mentions), key=lambda m: (m.place.path, m.place.start))),
            merges=tuple(reason for accepted, reason in own if accepted),
            refusals=tuple(reason for accepted, reason in own if not accepted),
            relations=self._relations(entity),
        )

    def _read(self, table: Table[Record]) -> tuple[Record, ...]:
        """Nothing where the phase has not run for the batch."""
        return self.lake.read(self.name, table) if self.lake.has(self.name, table) else ()

    def _mention(self, mention: Mention) -> NamedPlace:
        path = self.paths[mention.document_id]
        sentence = mention.context or mention.text
        return NamedPlace(mention.text, Place(path, mention.span.start, mention.span.end, sentence))

    def _reason(self, decision: MergeDecision, documents: Iterable[str]) -> Reason:
        """Evidence names documents by their ids; people know them by their paths."""
        evidence = decision.evidence
        for document_id in documents:
            evidence = evidence.replace(document_id, self.paths[document_id])
        return Reason(decision.alias, decision.reason, decision.score, evidence)

    def _relations(self, entity: Entity) -> tuple[Said, ...]:
        own = [r for r in self._read(tables.RELATIONS) if entity.id in (r.head, r.tail)]
        documents = self.lake.read(self.name, tables.DOCUMENTS, {relation.document_id for relation in own})
        texts = {document.id: document.text for document in documents}
        return tuple(self._relation(relation, texts[relation.document_id]) for relation in own)

    def _relation(self, relation: Relation, text: str) -> Said:
        head, tail = (self.keys.get(end, end) for end in (relation.head, relation.tail))
        start, end = relation.evidence.start, relation.evidence.end
        place = Place(self.paths[relation.document_id], start, end, text[start:end])
        return Said(head, relation.predicate, tail, relation.confidence, place)


def _unknown(asked: str, names: Iterable[str]) -> str:
    """What is wrong, and which names are nearest: those that hold the words, then those that are spelled like it."""
    key = normalise(asked)
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(normalise(name), name)
    words = set(key.split())
    holding = sorted((other for other in by_key if words & set(other.split())), key=lambda other: (len(other), other))
    alike = difflib.get_close_matches(key, by_key, _NEAREST_NAMES, _LEAST_LIKENESS)
    nearest = list(dict.fromkeys([*alike, *holding]))[:_NEAREST_NAMES]
    listed = ", ".join(repr(by_key[other]) for other in nearest)
    return f"There is no entity {asked!r}. " + (f"Near to it: {listed}." if listed else "Nothing is called like it.")
