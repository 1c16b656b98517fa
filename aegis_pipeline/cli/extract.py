"""``aegis extract`` and ``aegis score``: the phases without a graph, and how good they are against gold."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ValidationError

from aegis_pipeline.cli.console import OUT, note, one_line, show_progress
from aegis_pipeline.errors import InputError
from aegis_pipeline.records import Document, DocumentStatus
from aegis_pipeline.settings import RelationBackend, Settings, settings

if TYPE_CHECKING:
    from collections.abc import Sequence


class InputLine(BaseModel):
    """A line of JSONL input; other fields are ignored."""

    id: str
    text: str


def extract(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A folder, or a JSONL file with `id` and `text`.")],
    out: Annotated[Path, typer.Option(help="JSONL file to write: a line for each document.")],
    min_confidence: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Relations below it are left out. Default: where the trained reader's F1 is best."
        ),
    ] = None,
) -> None:
    """Run the three phases without a graph and write what they find: nodes, mentions, edges with evidence.

    Offsets refer to the text as given (for a folder: as extracted). docs/extract-format.md describes the format.
    """
    show_progress()
    documents = _read_folder(source) if source.is_dir() else _read_jsonl(source)
    from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
    from aegis_pipeline.pipeline.predictions import prediction_lines

    extraction = ThreePhaseExtractor.from_settings(best_f1_settings(min_confidence, settings())).extract_documents(
        documents
    )
    with out.open("w", encoding="utf-8") as file:
        for line in prediction_lines(extraction):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    OUT.print(f"{len(documents):,} documents written to {out}")


def best_f1_settings(min_confidence: float | None, configured: Settings) -> Settings:
    """With that least confidence of relations: as good as can be is asked for here, not as sure as a graph wants it."""
    from aegis_pipeline.reader.files import ReaderFiles

    if min_confidence is None and configured.relation_backend is RelationBackend.EMBEDDED:
        min_confidence = ReaderFiles.of(configured).manifest.decision
    update = {} if min_confidence is None else {"relation_min_confidence": min_confidence}
    return configured.model_copy(update=update)


def _read_folder(folder: Path) -> "Sequence[Document]":
    """Documents with their path as id; what cannot be read is said on standard error."""
    from aegis_pipeline.documents import read_folder
    from aegis_pipeline.pipeline.extraction import readable_languages

    configured = settings()
    contents = read_folder(folder, configured, languages=readable_languages(configured.spacy_model))
    for row in contents.manifest:
        if row.status is not DocumentStatus.PARSED:
            note(one_line(f"{row.path}: {row.status.value}: {row.error}"), style="yellow")
    return [replace(document, id=document.path) for document in contents.documents]


def _read_jsonl(path: Path) -> "Sequence[Document]":
    if not path.is_file():
        raise InputError(f"{str(path)!r} is neither a folder nor a file. Name a folder, or JSONL with `id` and `text`.")
    documents: dict[str, Document] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            row = _parse_line(line, path, number)
            if row.id in documents:
                raise InputError(f"{path}, line {number}: the id {row.id!r} stands there twice; ids must be unique.")
            documents[row.id] = Document(row.id, row.id, row.text, content_hash="")
    return list(documents.values())


def _parse_line(line: bytes, path: Path, number: int) -> InputLine:
    try:
        return InputLine.model_validate_json(line)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'line'}: {fault['msg']}" for fault in error.errors())
        raise InputError(f"{path}, line {number}: {faults}. Each line is an object with `id` and `text`.") from None


def score(
    gold: Annotated[Path, typer.Argument(help="Labelled JSONL: text, mentions, relations.")],
    pred: Annotated[Path, typer.Argument(help="What `aegis extract` wrote for the same documents.")],
    documents: Annotated[str | None, typer.Option(metavar="FROM-TO", help="Of GOLD, both ends included.")] = None,
) -> None:
    """Score PRED against GOLD: precision, recall and F1 with counts, for mentions, identity and relations."""
    from aegis_pipeline.benchmarks.scoring import score_files

    typer.echo(json.dumps(score_files(gold, pred, documents), indent=1))
