"""The tables of the lake: one kind of record each, and its columns as Parquet has them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
from pydantic import TypeAdapter

from aegis_pipeline.records import (
    Chunk,
    DeadLetter,
    Document,
    Entity,
    Fingerprint,
    ManifestRow,
    Mention,
    MergeDecision,
    NameVector,
    PhaseOutcome,
    PlacedFile,
    Relation,
)

Record = TypeVar("Record")

_SPAN = pa.struct([("start", pa.int64()), ("end", pa.int64())])
_MENTION = [
    ("document_id", pa.string()),
    ("chunk_id", pa.string()),
    ("sentence", pa.int32()),
    ("span", _SPAN),
    *((name, pa.string()) for name in ("text", "label", "type", "source")),
    ("is_node", pa.bool_()),
    ("context", pa.string()),
]


@dataclass(frozen=True)
class Table(Generic[Record]):
    """One kind of record in the lake, and its columns; ``document`` is the column that says whose row it is."""

    name: str
    records: TypeAdapter[tuple[Record, ...]]
    schema: pa.Schema
    document: str = "document_id"


def _strings(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names]


DOCUMENTS = Table(
    "documents",
    TypeAdapter(tuple[Document, ...]),
    pa.schema(_strings("id", "path", "text", "content_hash", "language")),
    document="id",
)
MANIFEST = Table(
    "manifest",
    TypeAdapter(tuple[ManifestRow, ...]),
    pa.schema(
        [
            *_strings("path", "document_id", "status", "error", "content_hash"),
            ("size_bytes", pa.int64()),
            *_strings("format", "encoding", "language"),
            ("language_confidence", pa.float64()),
            ("characters", pa.int64()),
        ]
    ),
)
PLACES = Table(
    "places",
    TypeAdapter(tuple[PlacedFile, ...]),
    pa.schema([("path", pa.string()), ("shard", pa.int32())]),
    document="path",
)
CHUNKS = Table(
    "chunks",
    TypeAdapter(tuple[Chunk, ...]),
    pa.schema(
        [
            *_strings("id", "document_id"),
            ("index", pa.int32()),
            ("span", _SPAN),
            ("text", pa.string()),
            ("sentences", pa.list_(_SPAN)),
            ("language", pa.string()),
        ]
    ),
)
MENTIONS = Table("mentions", TypeAdapter(tuple[Mention, ...]), pa.schema(_MENTION))
_FINGERPRINTS = (TypeAdapter(tuple[Fingerprint, ...]), pa.schema(_strings("document_id", "digest")))
CHUNK_FINGERPRINTS = Table("chunk_fingerprints", *_FINGERPRINTS)
NER_FINGERPRINTS = Table("ner_fingerprints", *_FINGERPRINTS)
RELATION_FINGERPRINTS = Table("relation_fingerprints", *_FINGERPRINTS)
NAME_VECTORS = Table(
    "name_vectors",
    TypeAdapter(tuple[NameVector, ...]),
    pa.schema([*_strings("name", "encoder"), ("vector", pa.binary())]),
)
NER_OUTCOMES = Table(
    "ner_outcomes", TypeAdapter(tuple[PhaseOutcome, ...]), pa.schema(_strings("document_id", "outcome", "detail"))
)
ENTITY_OUTCOMES = Table("entity_outcomes", NER_OUTCOMES.records, NER_OUTCOMES.schema)
ENTITIES = Table(
    "entities",
    TypeAdapter(tuple[Entity, ...]),
    pa.schema(
        [
            *_strings("id", "key", "name", "type"),
            ("aliases", pa.list_(pa.string())),
            ("mentions", pa.list_(pa.struct(_MENTION))),
            ("is_node", pa.bool_()),
        ]
    ),
)
MERGES = Table(
    "merges",
    TypeAdapter(tuple[MergeDecision, ...]),
    pa.schema(
        [
            *_strings("entity_id", "name", "alias", "type"),
            ("accepted", pa.bool_()),
            ("reason", pa.string()),
            ("score", pa.float64()),
            ("evidence", pa.string()),
        ]
    ),
)
RELATIONS = Table(
    "relations",
    TypeAdapter(tuple[Relation, ...]),
    pa.schema(
        [
            *_strings("document_id", "chunk_id", "head", "tail", "predicate", "pid"),
            ("confidence", pa.float64()),
            ("evidence", _SPAN),
            *_strings("extractor", "evidence_text"),
            ("further_evidence", pa.list_(_SPAN)),
        ]
    ),
)
_REJECTION = pa.struct([("reason", pa.string()), ("count", pa.int64())])
RELATION_OUTCOMES = Table(
    "relation_outcomes",
    TypeAdapter(tuple[PhaseOutcome, ...]),
    NER_OUTCOMES.schema.append(pa.field("rejected", pa.list_(_REJECTION))),
)
DEAD_LETTERS = Table(
    "dead_letters",
    TypeAdapter(tuple[DeadLetter, ...]),
    pa.schema(
        [
            *_strings("document_id", "chunk_id", "outcome", "reason", "detail"),
            ("attempts", pa.int32()),
            *_strings("prompt_hash", "read_by"),
        ]
    ),
)
