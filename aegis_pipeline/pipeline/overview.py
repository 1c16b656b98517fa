"""What became of every document: the manifest with what each phase found in it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.tables import Table

_COUNTED: dict[str, Table[Any]] = {
    "chunks": tables.CHUNKS,
    "mentions": tables.MENTIONS,
    "relations": tables.RELATIONS,
    "dead_letters": tables.DEAD_LETTERS,
}


def manifest_rows(lake: DocumentLake, batch: str) -> Iterator[dict[str, Any]]:
    """A dictionary for each file of ``batch``, in order of path; a count is None where its phase has not run."""
    counts = {name: _per_document(lake, batch, table) for name, table in _COUNTED.items()}
    counts["entities"] = _entities_per_document(lake, batch)
    for row in sorted(lake.read(batch, tables.MANIFEST), key=lambda row: row.path):
        yield {
            "path": row.path,
            "status": row.status.value,
            "error": row.error,
            "hash": row.content_hash,
            **{name: None if found is None else found[row.document_id] for name, found in counts.items()},
            "characters": row.characters,
            "size_bytes": row.size_bytes,
            "format": row.format,
            "encoding": row.encoding,
            "language": row.language,
            "language_confidence": row.language_confidence,
            "document_id": row.document_id,
            "batch": batch,
        }


def _per_document(lake: DocumentLake, batch: str, table: Table[Any]) -> Counter[str] | None:
    if not lake.has(batch, table):
        return None
    return Counter(lake.column(batch, table, table.document))


def _entities_per_document(lake: DocumentLake, batch: str) -> Counter[str] | None:
    if not lake.has(batch, tables.ENTITIES):
        return None
    entities = lake.read(batch, tables.ENTITIES)
    return Counter(document for entity in entities for document in {m.document_id for m in entity.mentions})
