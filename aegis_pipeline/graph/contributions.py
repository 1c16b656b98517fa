"""What a batch of documents contributes to the graph: a pure function of its documents and their extraction."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from aegis_pipeline.graph.mapping import graph_type, map_to_lightrag_format
from aegis_pipeline.graph.statements import Pair, Statement, statements_of
from aegis_pipeline.records import Chunk, Document, Entity, Relation


@dataclass(frozen=True, slots=True)
class DocumentContribution:
    """One document's share: its text and chunks, what each chunk says, and its statements by pair of graph keys.

    ``digest`` changes when anything of it does: an unchanged digest means that there is nothing to write.
    """

    document_id: str
    path: str
    file_path: str
    text: str
    chunks: tuple[Chunk, ...]
    extractions: Mapping[str, str]
    statements: Mapping[Pair, tuple[Statement, ...]]
    digest: str


class Naming(NamedTuple):
    """What a batch calls the entity of a graph key: its plain name, its type, and its aliases."""

    name: str
    type: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchContribution:
    """A batch's share: its documents, and what it calls each graph key."""

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
) -> BatchContribution:
    """Everything that ``documents`` contribute, document by document."""
    paths = {document.id: encode_file_path(batch, document.path) for document in documents}
    extractions = _extractions(map_to_lightrag_format(entities, relations, file_paths=paths))
    statements = statements_of(relations, {e.id: e.key for e in entities if e.is_node})
    by_document = defaultdict(list)
    for chunk in chunks:
        by_document[chunk.document_id].append(chunk)
    shares = tuple(
        _share(document, paths[document.id], by_document[document.id], extractions, statements.get(document.id, {}))
        for document in documents
        if by_document[document.id]
    )
    names = {e.key: Naming(e.name, graph_type(e.type), e.aliases) for e in entities if e.is_node}
    return BatchContribution(batch, shares, names)


def _extractions(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """For each chunk, what it says in the JSON that LightRAG's own extraction writes and its rebuild reads."""
    found: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: {"entities": [], "relationships": []})
    for row in rows["entities"]:
        entry = {"name": row["entity_name"], "type": row["entity_type"], "description": row["description"]}
        found[row["source_id"]]["entities"].append(entry)
    for row in rows["relationships"]:
        entry = {"source": row["src_id"], "target": row["tgt_id"]}
        entry |= {"keywords": row["keywords"], "description": row["description"]}
        found[row["source_id"]]["relationships"].append(entry)
    return {chunk_id: json.dumps(said, ensure_ascii=False, sort_keys=True) for chunk_id, said in found.items()}


def _share(
    document: Document,
    file_path: str,
    chunks: Sequence[Chunk],
    extractions: Mapping[str, str],
    statements: Mapping[Pair, tuple[Statement, ...]],
) -> DocumentContribution:
    own = {chunk.id: extractions[chunk.id] for chunk in chunks if chunk.id in extractions}
    spans = [(chunk.id, chunk.span.start, chunk.span.end) for chunk in chunks]
    stated = [statement.as_dict() for pair in sorted(statements) for statement in statements[pair]]
    payload = json.dumps([file_path, document.text, spans, own, stated], ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()
    return DocumentContribution(
        document.id, document.path, file_path, document.text, tuple(chunks), own, statements, digest
    )
