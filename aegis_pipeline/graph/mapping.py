"""Our entities and relations in LightRAG's words: the rows of its custom-graph format, one a name and sentence.

LightRAG has one undirected edge for a pair, so the rows of one chunk and one pair are one row whose keywords name
every predicate; predicate and direction live in the statements (``statements.py``).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from lightrag.operate import _RESERVED_ENTITY_TYPES
from lightrag.utils import sanitize_and_normalize_extracted_text

from aegis_pipeline.records import Chunk, Entity, Relation
from aegis_pipeline.relations import RelationSchema, load_schema

Row = dict[str, Any]
_NOT_IN_TYPE = re.compile(r"[^\w-]+")


def map_to_lightrag_format(
    entities: Sequence[Entity],
    relations: Sequence[Relation],
    *,
    chunks: Sequence[Chunk] = (),
    file_paths: Mapping[str, str] | None = None,
    schema: RelationSchema | None = None,
) -> dict[str, list[Row]]:
    """The dictionary that LightRAG's ``ainsert_custom_kg`` takes: ``chunks``, ``entities``, ``relationships``.

    ``file_paths`` maps document id to the name that LightRAG shows as source (default: the document id), ``schema`` has
    the words of the predicates (default: the package's). Entities that are no nodes of the graph, and relations that
    touch one, are left out.

    Raises:
        InputError: a predicate is not in the schema.
    """
    keys = {entity.id: entity.key for entity in entities if entity.is_node}
    paths = file_paths or {}
    return {
        "chunks": [_chunk_row(chunk, paths) for chunk in chunks],
        "entities": [row for entity in entities if entity.is_node for row in _entity_rows(entity, paths)],
        "relationships": _relation_rows(relations, keys, paths, schema or load_schema()),
    }


def graph_type(type_: str) -> str:
    """A type as LightRAG keeps it: lower case, in letters, digits, ``_`` and ``-``; ``other`` where nothing is left.

    LightRAG drops entities, in silence, whose type has certain signs or is a word that JavaScript reserves.
    """
    word = _NOT_IN_TYPE.sub("", type_).lower()
    return word if word and word not in _RESERVED_ENTITY_TYPES else "other"


def _kept(description: str, otherwise: str) -> str:
    """``description``, or ``otherwise`` where LightRAG keeps nothing of it ("12", "1.5") and would drop the row."""
    return description if _is_kept(description) else otherwise


@lru_cache(maxsize=1 << 14)
def _is_kept(description: str) -> bool:
    """Remembered, for a sentence describes every entity in it and LightRAG takes 25 µs to say."""
    return bool(sanitize_and_normalize_extracted_text(description))


def _chunk_row(chunk: Chunk, paths: Mapping[str, str]) -> Row:
    return {
        "content": chunk.text,
        "source_id": chunk.id,
        "file_path": paths.get(chunk.document_id, chunk.document_id),
        "chunk_order_index": chunk.index,
    }


def _entity_rows(entity: Entity, paths: Mapping[str, str]) -> list[Row]:
    """One row for each chunk and distinct sentence that mentions the entity."""
    seen = dict.fromkeys((m.chunk_id, m.document_id, m.context or entity.name) for m in entity.mentions)
    return [
        {
            "entity_name": entity.key,
            "entity_type": graph_type(entity.type),
            "description": _kept(sentence, otherwise=f"{entity.name} ({entity.type})"),
            "source_id": chunk_id,
            "file_path": paths.get(document_id, document_id),
        }
        for chunk_id, document_id, sentence in seen
    ]


def _relation_rows(
    relations: Sequence[Relation], keys: Mapping[str, str], paths: Mapping[str, str], schema: RelationSchema
) -> list[Row]:
    """One row for each chunk and undirected pair, so that an edge's weight counts the chunks that state it."""
    grouped: dict[tuple[str, str, str], list[Relation]] = {}
    for relation in relations:
        head, tail = keys.get(relation.head), keys.get(relation.tail)
        if head is not None and tail is not None and head != tail:
            pair = (head, tail) if head < tail else (tail, head)
            grouped.setdefault((relation.chunk_id, *pair), []).append(relation)
    return [_relation_row(key, group, paths, schema) for key, group in grouped.items()]


def _relation_row(
    key: tuple[str, str, str], group: Sequence[Relation], paths: Mapping[str, str], schema: RelationSchema
) -> Row:
    chunk_id, first, second = key
    predicates = [schema.predicate(r.predicate) for r in group]
    words = dict.fromkeys(word for predicate in predicates for word in schema.words(predicate))
    sentences = dict.fromkeys(r.evidence_text or p.label for r, p in zip(group, predicates, strict=True))
    return {
        "src_id": first,
        "tgt_id": second,
        "description": _kept(" ".join(sentences), otherwise=predicates[0].label),
        "keywords": ",".join(words),
        "weight": 1.0,
        "source_id": chunk_id,
        "file_path": paths.get(group[0].document_id, group[0].document_id),
    }
