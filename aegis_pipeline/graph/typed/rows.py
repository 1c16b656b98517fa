"""The typed graph's share of documents as rows, and of entities: functions of the corpus alone.

A document is the unit of a change: its chunks, mentions and statements are one row, which is written as a whole.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from aegis_pipeline.graph.contributions import DocumentContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.descriptions import split
from aegis_pipeline.graph.rows import Row, Rows
from aegis_pipeline.graph.statements import Statement
from aegis_pipeline.graph.typed.schema import entity_label, relationship_type
from aegis_pipeline.graph.update import Update
from aegis_pipeline.records import Chunk

TYPED_DOCUMENTS = "typed_documents"
# What an audit finds beside it: chunks and entities by their ids, and statements by the documents that they name.
TYPED_CHUNKS, TYPED_ENTITIES, TYPED_STATEMENTS = "typed_chunks", "typed_entities", "typed_statements"


def with_typed(update: Update, before: Corpus, after: Corpus) -> Update:
    """``update``, which leads from ``before`` to ``after``, with the rows of the typed graph."""
    unsure = {*update.unsure.get(TYPED_DOCUMENTS, ()), *update.unsure.get("full_docs", ())}
    documents = unsure.union(update.before.get("full_docs", ()), update.after.get("full_docs", ()))
    return replace(
        update,
        before=update.before | typed_rows(before, documents),
        after=update.after | typed_rows(after, documents),
        unsure={**update.unsure, TYPED_DOCUMENTS: unsure},
    )


def typed_rows(corpus: Corpus, documents: Collection[str]) -> Rows:
    """The rows of those of ``documents`` (ids) that ``corpus`` has."""
    return {
        TYPED_DOCUMENTS: {
            document.document_id: _document(name, document, corpus.keys)
            for name, batch in corpus.batches.items()
            for document in batch.documents
            if document.document_id in documents
        }
    }


def _document(batch: str, document: DocumentContribution, keys: Mapping[str, str]) -> Row:
    return {
        "properties": {"path": document.path, "batch": batch},
        "chunks": [{"id": chunk.id, "properties": _chunk(chunk)} for chunk in document.chunks],
        "mentions": [
            {"chunk": m.chunk_id, "start": m.start, "end": m.end, "entity": keys[m.thing], "surface": m.surface}
            for m in document.mentions
        ],
        "statements": [_statement(statement.renamed(keys)) for statement in document.statements],
    }


def _chunk(chunk: Chunk) -> dict[str, Any]:
    return {
        "index": chunk.index,
        "start": chunk.span.start,
        "end": chunk.span.end,
        "text": chunk.text,
        "language": chunk.language,
    }


def _statement(statement: Statement) -> dict[str, Any]:
    properties = {name: value for name, value in statement.as_dict().items() if name not in {"head", "tail"}}
    return {
        "head": statement.head,
        "tail": statement.tail,
        "type": relationship_type(statement.predicate),
        "properties": properties,
    }


def entity_row(key: str, node: Mapping[str, Any]) -> Row:
    """A typed entity, from LightRAG's row of the same: so the two never differ in what they say."""
    return {
        "key": key,
        "label": entity_label(node["entity_type"]),
        "properties": {
            "name": node["name"],
            "type": node["entity_type"],
            "aliases": json.loads(node["aliases"]),
            "description": split(node["description"]),
        },
    }
