"""The contributions that a generation of the graph was made from, in two files beside LightRAG's.

From them a later write knows what changes, and a document of another batch can be written anew under other keys.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.contributions import (
    BatchContribution,
    ChunkFacts,
    DocumentContribution,
    EntityFact,
    Naming,
    PairFact,
)
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.statements import Statement, fields_of
from aegis_pipeline.records import Chunk, Span

_CORPUS, _KEYS = "aegis_contributions.json", "aegis_keys.json"


def write_corpus(folder: Path, corpus: Corpus) -> None:
    """Keep ``corpus``, and the graph's key of everything that it speaks of, in a generation's folder."""
    batches = {name: _plain(batch) for name, batch in sorted(corpus.batches.items())}
    _dump(folder / _CORPUS, batches)
    _dump(folder / _KEYS, corpus.keys)


def read_corpus(folder: Path) -> Corpus:
    """What ``write_corpus`` kept.

    Raises:
        GraphError: the folder holds no graph of this version.
    """
    return Corpus({name: _batch(name, batch) for name, batch in _load(folder / _CORPUS).items()})


def read_keys(folder: Path) -> dict[str, str]:
    """Thing → key of its node, as the graph in ``folder`` has it.

    Raises:
        GraphError: the folder holds no graph of this version.
    """
    return _load(folder / _KEYS)


def _dump(path: Path, content: Mapping[str, Any]) -> None:
    path.write_bytes(json.dumps(content).encode("ascii"))


def _load(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        raise GraphError(
            f"{path.parent} is no graph of this version: {path.name} is missing or broken. "
            f"Remove {path.parent.parent} and run the batches again: `aegis run FOLDER`."
        ) from None
    return content


def _plain(batch: BatchContribution) -> dict[str, Any]:
    return {"names": batch.names, "documents": [_plain_document(document) for document in batch.documents]}


def _plain_document(document: DocumentContribution) -> list[Any]:
    """Records as lists of their fields, in order."""
    return [
        document.document_id,
        document.path,
        document.file_path,
        document.text,
        [_plain_chunk(chunk) for chunk in document.chunks],
        {chunk_id: [facts.entities, facts.pairs] for chunk_id, facts in document.facts.items()},
        [fields_of(statement) for statement in document.statements],
    ]


def _plain_chunk(chunk: Chunk) -> list[Any]:
    sentences = [(sentence.start, sentence.end) for sentence in chunk.sentences]
    return [
        chunk.id,
        chunk.document_id,
        chunk.index,
        chunk.span.start,
        chunk.span.end,
        chunk.text,
        sentences,
        chunk.language,
    ]


def _batch(name: str, plain: Mapping[str, Any]) -> BatchContribution:
    names = {thing: Naming(called, tuple(aliases)) for thing, (called, aliases) in plain["names"].items()}
    return BatchContribution(name, tuple(_document(document) for document in plain["documents"]), names)


def _document(plain: Sequence[Any]) -> DocumentContribution:
    document_id, path, file_path, text, chunks, facts, statements = plain
    return DocumentContribution(
        document_id,
        path,
        file_path,
        text,
        chunks=tuple(_chunk(*chunk) for chunk in chunks),
        facts={chunk_id: _facts(*said) for chunk_id, said in facts.items()},
        statements=tuple(Statement(*statement) for statement in statements),
    )


def _chunk(
    id_: str, document_id: str, index: int, start: int, end: int, text: str, sentences: Sequence[Any], language: str
) -> Chunk:
    return Chunk(id_, document_id, index, Span(start, end), text, tuple(Span(*span) for span in sentences), language)


def _facts(entities: Sequence[Any], pairs: Sequence[Any]) -> ChunkFacts:
    return ChunkFacts(tuple(EntityFact(*fact) for fact in entities), tuple(PairFact(*fact) for fact in pairs))
