"""What a batch of documents contributes to the graph: a pure function of its documents and their extraction.

A contribution speaks of *things* (``identity.py``), not of graph keys: which key a thing has depends on what all
batches of the graph contribute.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import quote

from aegis_pipeline.graph.directions import in_one_direction
from aegis_pipeline.graph.identity import things_of
from aegis_pipeline.graph.mapping import map_to_lightrag_format
from aegis_pipeline.graph.statements import Statement, statements_of
from aegis_pipeline.records import Chunk, Document, Entity, Relation
from aegis_pipeline.relations import RelationSchema


class EntityFact(NamedTuple):
    """A chunk mentions a thing, in the sentence ``description``."""

    thing: str
    description: str


class PairFact(NamedTuple):
    """A chunk relates two things; ``keywords`` are separated by commas."""

    first: str
    second: str
    keywords: str
    description: str


class MentionFact(NamedTuple):
    """A chunk names a thing: ``surface`` is how, at ``start`` to ``end`` of the document's text."""

    thing: str
    chunk_id: str
    start: int
    end: int
    surface: str


@dataclass(frozen=True, slots=True)
class ChunkFacts:
    """What one chunk says."""

    entities: tuple[EntityFact, ...] = ()
    pairs: tuple[PairFact, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentContribution:
    """One document's share: its text and chunks, what each chunk says, where it names what, and its statements; of
    things, not of keys."""

    document_id: str
    path: str
    file_path: str
    text: str
    chunks: tuple[Chunk, ...]
    facts: Mapping[str, ChunkFacts]
    statements: tuple[Statement, ...]
    mentions: tuple[MentionFact, ...] = ()

    @property
    def things(self) -> set[str]:
        """Everything that the document speaks of."""
        said = self.facts.values()
        named = {fact.thing for facts in said for fact in facts.entities}
        return named | {thing for pair in self.pairs for thing in pair}

    @property
    def links(self) -> dict[str, set[str | tuple[str, str]]]:
        """Chunk id → the things and pairs that it speaks of."""
        return {
            chunk_id: {fact.thing for fact in facts.entities} | {(pair.first, pair.second) for pair in facts.pairs}
            for chunk_id, facts in self.facts.items()
        }

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """The things that the document relates, each pair in the order of its things."""
        return {(pair.first, pair.second) for facts in self.facts.values() for pair in facts.pairs}


class Naming(NamedTuple):
    """What a batch calls a thing: its plain name, and its aliases."""

    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchContribution:
    """A batch's share: its documents, and what it calls each thing."""

    batch: str
    documents: tuple[DocumentContribution, ...]
    names: Mapping[str, Naming]


def encode_file_path(batch: str, path: str) -> str:
    """A name without separators, for LightRAG keys documents by base name; reversible by ``urllib.parse.unquote``."""
    return quote(f"{batch}/{path}", safe="")


def contribute(
    batch: str,
    documents: Sequence[Document],
    chunks: Sequence[Chunk],
    entities: Sequence[Entity],
    relations: Sequence[Relation],
    schema: RelationSchema,
) -> BatchContribution:
    """Everything that ``documents`` contribute, document by document.

    Raises:
        InputError: a relation's predicate is not in ``schema``.
    """
    nodes = [entity for entity in entities if entity.is_node]
    things = things_of(nodes)
    kept = in_one_direction(relations, things, schema)
    facts = _facts([replace(entity, key=things[entity.id]) for entity in nodes], kept, schema)
    statements, mentions = statements_of(kept, things), _mentions(nodes, things)
    by_document = defaultdict(list)
    for chunk in chunks:
        by_document[chunk.document_id].append(chunk)
    shares = tuple(
        _share(batch, document, by_document[document.id], facts, statements.get(document.id, ()), mentions[document.id])
        for document in sorted(documents, key=lambda document: document.id)
        if by_document[document.id]
    )
    names = {things[entity.id]: Naming(entity.name, tuple(sorted(entity.aliases))) for entity in nodes}
    return BatchContribution(batch, shares, dict(sorted(names.items())))


def _facts(entities: Sequence[Entity], relations: Sequence[Relation], schema: RelationSchema) -> dict[str, ChunkFacts]:
    """For each chunk, what it says, in an order that depends on nothing else."""
    rows = map_to_lightrag_format(entities, relations, schema=schema)
    named, paired = defaultdict(list), defaultdict(list)
    for row in rows["entities"]:
        named[row["source_id"]].append(EntityFact(row["entity_name"], row["description"]))
    for row in rows["relationships"]:
        fact = PairFact(row["src_id"], row["tgt_id"], row["keywords"], row["description"])
        paired[row["source_id"]].append(fact)
    return {
        chunk_id: ChunkFacts(tuple(sorted(named[chunk_id])), tuple(sorted(paired[chunk_id])))
        for chunk_id in named.keys() | paired.keys()
    }


def _mentions(entities: Sequence[Entity], things: Mapping[str, str]) -> Mapping[str, Sequence[MentionFact]]:
    """For each document, where it names what."""
    found = defaultdict(list)
    for entity in entities:
        for m in entity.mentions:
            fact = MentionFact(things[entity.id], m.chunk_id, m.span.start, m.span.end, m.text)
            found[m.document_id].append(fact)
    return found


def _share(
    batch: str,
    document: Document,
    chunks: Sequence[Chunk],
    facts: Mapping[str, ChunkFacts],
    statements: tuple[Statement, ...],
    mentions: Sequence[MentionFact],
) -> DocumentContribution:
    own = {chunk.id: facts[chunk.id] for chunk in chunks if chunk.id in facts}
    file_path = encode_file_path(batch, document.path)
    return DocumentContribution(
        document.id,
        document.path,
        file_path,
        document.text,
        chunks=tuple(chunks),
        facts=own,
        statements=statements,
        mentions=tuple(sorted(set(mentions), key=_place)),
    )


def _place(mention: MentionFact) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.thing
