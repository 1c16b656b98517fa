"""The document lake: what each phase made of each batch, as Parquet under a path that may be an object store.

``<root>/<batch>/<table>.parquet``, and ``batch.json`` with the folder that the batch was read from. A table is written
whole or not at all. Records go through Pydantic both ways, so a table that was changed by hand is refused, not misread.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError
from upath import UPath

from aegis_pipeline.errors import LakeError
from aegis_pipeline.records import (
    Chunk,
    Document,
    Entity,
    ManifestRow,
    Mention,
    MergeDecision,
    PhaseOutcome,
    Relation,
    Sentence,
)
from aegis_pipeline.version import VERSION

Record = TypeVar("Record")

_SPAN = pa.struct([("start", pa.int64()), ("end", pa.int64())])
_TOKEN = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        *((name, pa.string()) for name in ("lemma", "pos", "tag", "dep")),
        ("head", pa.int32()),
    ]
)
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
    """One kind of record in the lake, the phase that makes it, and its columns."""

    name: str
    records: TypeAdapter[tuple[Record, ...]]
    schema: pa.Schema


def _strings(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names]


DOCUMENTS = Table(
    "documents",
    TypeAdapter(tuple[Document, ...]),
    pa.schema(_strings("id", "path", "text", "content_hash", "language")),
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
SENTENCES = Table(
    "sentences",
    TypeAdapter(tuple[Sentence, ...]),
    pa.schema(
        [
            *_strings("document_id", "chunk_id"),
            ("index", pa.int32()),
            ("span", _SPAN),
            ("tokens", pa.list_(_TOKEN)),
        ]
    ),
)
NER_OUTCOMES = Table(
    "ner_outcomes", TypeAdapter(tuple[PhaseOutcome, ...]), pa.schema(_strings("document_id", "outcome", "detail"))
)
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
        ]
    ),
)
RELATION_OUTCOMES = Table("relation_outcomes", TypeAdapter(tuple[PhaseOutcome, ...]), NER_OUTCOMES.schema)


class DocumentLake:
    """Batches of records under ``root``: a local path, or any URL that fsspec knows."""

    def __init__(self, root: str) -> None:
        self.root = UPath(root)

    def path(self, batch: str, table: Table[Any]) -> UPath:
        """Where a table of a batch is."""
        return self.root / batch / f"{table.name}.parquet"

    def write(self, batch: str, table: Table[Record], records: Sequence[Record]) -> None:
        """Replace a batch's table."""
        rows = table.records.dump_python(tuple(records))
        path = self.path(batch, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}")
        with staged.open("wb") as file:
            pq.write_table(pa.Table.from_pylist(_plain(rows), schema=table.schema), file, compression="zstd")
        staged.rename(path)

    def read(self, batch: str, table: Table[Record]) -> tuple[Record, ...]:
        """A batch's table.

        Raises:
            LakeError: the table was never written, or holds something else than these records.
        """
        path = self.path(batch, table)
        if not self.has(batch, table):
            raise LakeError(
                f"Batch {batch!r} has no {table.name} in {self.root}: run the phase that makes them first, "
                "by `aegis run FOLDER` or by materializing its asset for this partition."
            )
        try:
            with path.open("rb") as file:
                return table.records.validate_python(pq.read_table(file).to_pylist())
        except (pa.ArrowException, ValidationError) as error:
            raise LakeError(f"{path} does not hold {table.name}: {error}. Run the phase again.") from None

    def bind(self, batch: str, folder: str) -> None:
        """Remember the folder that a batch is read from, and by which version of this project."""
        path = self.root / batch / "batch.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"folder": folder, "version": VERSION}), encoding="utf-8")

    def origin(self, batch: str) -> dict[str, str]:
        """``folder`` and ``version`` of the last reading of a batch; empty for one that never was read."""
        path = self.root / batch / "batch.json"
        origin: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return origin

    def has(self, batch: str, table: Table[Any]) -> bool:
        """Whether a batch's table was written."""
        return self.path(batch, table).exists()

    def batches(self) -> list[str]:
        """Every batch that was read, in order of name."""
        if not self.root.exists():
            return []
        return sorted(path.name for path in self.root.iterdir() if (path / "batch.json").exists())


def _plain(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Named tuples as dictionaries, for Arrow; everything else is plain already."""
    return [{name: _plain_value(value) for name, value in row.items()} for row in rows]


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [item._asdict() if hasattr(item, "_asdict") else item for item in value]
    return value
