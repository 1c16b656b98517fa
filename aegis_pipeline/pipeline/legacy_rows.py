"""What LightRAG's stores hold of the legacy arm's documents: read, compared, and taken out.

``aegis_pipeline_tests/pipeline/test_legacy.py`` holds the installed LightRAG to what is built on here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lightrag import LightRAG
from lightrag.base import DocStatus

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.contributions import encode_file_path
from aegis_pipeline.graph.descriptions import SEPARATOR
from aegis_pipeline.graph.reading import SOURCES_SHOWN
from aegis_pipeline.records import Document

Row = Mapping[str, Any]
_VERSION = "aegis_version"


@dataclass(frozen=True, slots=True)
class LegacyDocument:
    """What LightRAG extracted from one document: its chunks' number, names, and pairs of names that are related."""

    id: str
    path: str
    text: str
    chunks: int
    entities: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]


async def paths_of(rag: LightRAG, batch: str) -> dict[str, str]:
    """Document id → file path of every document of the batch, whatever became of it."""
    rows = await rag.doc_status.get_docs_by_statuses(list(DocStatus))
    prefix = encode_file_path(batch, "")
    return {document_id: row.file_path for document_id, row in rows.items() if row.file_path.startswith(prefix)}


async def holds(rag: LightRAG, batch: str, document: Document, version: str) -> bool:
    """Whether the document is there, processed in ``version``, with the same text under the same path."""
    status, full = await rag.doc_status.get_by_id(document.id), await rag.full_docs.get_by_id(document.id)
    if not full or not _is_processed(status):
        return False
    found = (status["file_path"], status["metadata"].get(_VERSION), full["content"])
    return found == (encode_file_path(batch, document.path), version, document.text)


async def sign(rag: LightRAG, document_ids: Sequence[str], version: str) -> None:
    """Note in which version documents were processed, for ``holds``."""
    rows = await rag.doc_status.get_by_ids(list(document_ids))
    signed = {
        document_id: {**row, "metadata": {**row["metadata"], _VERSION: version}}
        for document_id, row in zip(document_ids, rows, strict=True)
    }
    await rag.doc_status.upsert(signed)


async def delete(rag: LightRAG, document_id: str) -> None:
    """LightRAG's own deletion: what other documents say of an entity stays.

    Raises:
        GraphError: LightRAG could not.
    """
    result = await rag.adelete_by_doc_id(document_id)
    if result.status != "success":
        raise GraphError(
            f"LightRAG could not take document {document_id!r} out of the legacy graph ({result.status}): "
            "run the batch again; if that does not help, remove AEGIS_HOME/legacy and run every batch again."
        )


async def failures(rag: LightRAG, document_ids: Sequence[str]) -> dict[str, str]:
    """Document id → reason, of those that are not processed.

    LightRAG refuses a text that it has under another name, and leaves a row of its own for that, which is removed: it
    would never go.
    """
    rows = await rag.doc_status.get_by_ids(list(document_ids))
    failed = await rag.doc_status.get_docs_by_statuses([DocStatus.FAILED])
    refused = [row_id for row_id, row in failed.items() if (row.metadata or {}).get("is_duplicate")]
    await rag.doc_status.delete(refused)
    return {
        document_id: str(row.get("error_msg") or "LightRAG did not finish it") if row else "another has the same text"
        for document_id, row in zip(document_ids, rows, strict=True)
        if not _is_processed(row)
    }


async def documents_of(rag: LightRAG, batch: str) -> tuple[LegacyDocument, ...]:
    """Every processed document of the batch, in order of path."""
    found = [await _document(rag, document_id) for document_id in await paths_of(rag, batch)]
    return tuple(sorted((document for document in found if document), key=lambda document: document.path))


async def _document(rag: LightRAG, document_id: str) -> LegacyDocument | None:
    status = await rag.doc_status.get_by_id(document_id)
    if not _is_processed(status):
        return None
    full, entities, relations = [
        await store.get_by_id(document_id) or {} for store in (rag.full_docs, rag.full_entities, rag.full_relations)
    ]
    return LegacyDocument(
        id=document_id,
        path=_path(status["file_path"]),
        text=full["content"],
        chunks=len(status["chunks_list"]),
        entities=tuple(sorted(entities.get("entity_names", ()))),
        relations=tuple(sorted((first, second) for first, second in relations.get("relation_pairs", ()))),
    )


async def add_sources(rag: LightRAG, data: dict[str, Any]) -> None:
    """Give retrieved rows the fields of ours. The place of an entity or a relationship is the chunk that it is from."""
    for row in data.get("chunks", []):
        row["sources"] = await _places(rag, [row["chunk_id"]])
    for row in [*data.get("entities", []), *data.get("relationships", [])]:
        row["sources"] = await _places(rag, row["source_id"].split(SEPARATOR)[:SOURCES_SHOWN])
        row["statements"] = []


async def _places(rag: LightRAG, chunk_ids: list[str]) -> list[dict[str, Any]]:
    rows = await rag.text_chunks.get_by_ids(chunk_ids)
    return [{"path": _path(row["file_path"]), "start": row["start"], "end": row["end"]} for row in rows if row]


def _path(file_path: str) -> str:
    """A document's path within its batch."""
    return unquote(file_path).partition("/")[2]


def _is_processed(row: Row | None) -> bool:
    return row is not None and row.get("status") == DocStatus.PROCESSED
