"""What no server can keep is refused before anything is written."""

from collections.abc import Iterator
from typing import Any

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.rows import NODES
from aegis_pipeline.graph.update import Update

_LONGEST_ID, _LONGEST_NAME = 255, 512  # characters in LightRAG's tables; Neo4j's index takes some 8,000 bytes


def check_storable(update: Update) -> None:
    """Refuse what PostgreSQL or Neo4j would: signs that are no text, and ids that are too long for LightRAG's tables.

    Raises:
        GraphError: what is wrong, and where.
    """
    for store, rows in update.after.items():
        for row_id, row in rows.items():
            for text in (*_texts(row_id), *_texts(row)):
                _check_text(store, text)
    for store in ("full_docs", "text_chunks"):
        for row_id in update.after.get(store, {}):
            _check_id(row_id)
    for key in update.after.get(NODES, {}):
        _check_name(key)


def _texts(value: Any) -> Iterator[str]:
    """Every text in plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _check_text(store: str, text: str) -> None:
    if "\x00" in text or not _is_unicode(text):
        raise GraphError(
            f"A text for {store} holds a NUL or half of a surrogate pair, which no server keeps: "
            "apply aegis_pipeline.documents.sanitize before the phases. Nothing was written."
        )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_id(row_id: str) -> None:
    if len(row_id) > _LONGEST_ID:
        raise GraphError(
            f"The id {row_id[:40]!r}… has {len(row_id)} characters; LightRAG's tables keep {_LONGEST_ID}, "
            "and the id of a chunk is its document's and up to 10 more. Give the document a shorter id."
        )


def _check_name(key: str) -> None:
    if len(key) > _LONGEST_NAME:
        raise GraphError(
            f"A name of {len(key)} characters cannot be the key of a node; {_LONGEST_NAME} can: "
            "apply aegis_pipeline.entities.graph_key, which shortens it. Nothing was written."
        )
