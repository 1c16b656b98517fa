"""The contributions that a graph was made from: as plain values for JSON, and in two files beside a generation's.

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
    MentionFact,
    Naming,
    PairFact,
)
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.statements import Statement, fields_of
from aegis_pipeline.records import Chunk, Span

VERSION = 2  # of what is kept of a document: a graph of another version is refused
_CORPUS, _KEYS = f"aegis_contributions_v{VERSION}.json", "aegis_keys.json"


def write_corpus(folder: Path, corpus: Corpus) -> None:
    """Keep ``corpus``, and the graph's key of everything that it speaks of, in a generation's folder."""
    batches = {name: plain_batch(batch) for name, batch in sorted(corpus.batches.items())}
    _dump(folder / _CORPUS, batches)
    _dump(folder / _KEYS, corpus.keys)


def read_corpus(folder: Path) -> Corpus:
    """What ``write_corpus`` kept.

    Raises:
        GraphError: the folder holds no graph of this version.
    """
    return Corpus({name: batch_of(name, batch) for name, batch in _load(folder / _CORPUS).items()})


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


def plain_batch(batch: BatchContribution) -> dict[str, Any]:
    """A batch's contribution in plain values; its name is kept with it."""
    return {"names": batch.names, "documents": [plain_document(document) for document in batch.documents]}


def plain_document(document: DocumentContribution) -> list[Any]:
    """A document's contribution in plain values: records as lists of their fields, in order."""
    return [
        document.document_id,
        document.path,
        document.file_path,
        document.text,
        [_plain_chunk(chunk) for chunk in document.chunks],
        {chunk_id: [facts.entities, facts.pairs] for chunk_id, facts in document.facts.items()},
        [fields_of(statement) for statement in document.statements],
        document.mentions,
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


def batch_of(name: str, plain: Mapping[str, Any]) -> BatchContribution:
    """What ``plain_batch`` was given."""
    documents = tuple(document_of(document) for document in plain["documents"])
    return BatchContribution(name, documents, names_of(plain["names"]))


def names_of(plain: Mapping[str, Any]) -> dict[str, Naming]:
    """What a batch calls each thing."""
    return {thing: Naming(called, tuple(aliases)) for thing, (called, aliases) in plain.items()}


def document_of(plain: Sequence[Any]) -> DocumentContribution:
    """What ``plain_document`` was given."""
    document_id, path, file_path, text, chunks, facts, statements, mentions = plain
    return DocumentContribution(
        document_id,
        path,
        file_path,
        text,
        chunks=tuple(_chunk(*chunk) for chunk in chunks),
        facts={chunk_id: _facts(*said) for chunk_id, said in facts.items()},
        statements=tuple(Statement(*statement) for statement in statements),
        mentions=tuple(map(MentionFact._make, mentions)),
    )


def _chunk(
    id_: str, document_id: str, index: int, start: int, end: int, text: str, sentences: Sequence[Any], language: str
) -> Chunk:
    return Chunk(id_, document_id, index, Span(start, end), text, tuple(Span(*span) for span in sentences), language)


def _facts(entities: Sequence[Any], pairs: Sequence[Any]) -> ChunkFacts:
    return ChunkFacts(tuple(EntityFact(*fact) for fact in entities), tuple(PairFact(*fact) for fact in pairs))
