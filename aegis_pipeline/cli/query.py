"""``aegis query``: a question to the graph, without any LLM but for ``--answer``."""

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_pipeline.cli.console import OUT, one_line
from aegis_pipeline.errors import AegisError
from aegis_pipeline.records import QueryMode
from aegis_pipeline.settings import ExtractionPipeline, settings

if TYPE_CHECKING:
    from aegis_pipeline.graph import Answer, WrittenAnswer
    from aegis_pipeline.graph.query import FoundRelation, Source
    from aegis_pipeline.graph.statements import Statement

_SHOWN = 240  # characters of a passage or a description on the screen


class AnswerFormat(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


def query(
    question: Annotated[str, typer.Argument(help="A question in plain words.")],
    mode: Annotated[QueryMode, typer.Option(help="How LightRAG retrieves.")] = QueryMode.HYBRID,
    top_k: Annotated[int, typer.Option(min=1, max=100, help="Entities, relations and passages retrieved.")] = 10,
    format_: Annotated[
        AnswerFormat, typer.Option("--format", help="text, or json with everything.")
    ] = AnswerFormat.TEXT,
    written: Annotated[
        bool, typer.Option("--answer", help="Have an LLM write an answer whose sentences name their passages.")
    ] = False,
) -> None:
    """Ask the graph: entities, relations and passages with their sources, and the best evidence as the answer.

    EXTRACTION_PIPELINE says which graph: that of the three phases, or that of LightRAG's own extraction.

    --answer asks RELATION_MODEL on the server of RELATION_BACKEND, or else on the one at OLLAMA_HOST or
    OPENAI_BASE_URL. Where there is none, it prints what was retrieved and says how to get one.
    """
    answer = _ask(question, mode, top_k)
    if written and answer.passages:
        _print_written(answer, format_)
    else:
        _print(answer, format_)


def print_answer(question: str, mode: QueryMode, top_k: int) -> None:
    """Ask the graph of this ``AEGIS_HOME`` and print what it answers."""
    _print(_ask(question, mode, top_k), AnswerFormat.TEXT)


def _print_written(answer: "Answer", format_: AnswerFormat) -> None:
    """With an LLM's answer; where it gives none, what was retrieved is printed before the command fails."""
    from aegis_pipeline.graph import write_answer

    try:
        written = asyncio.run(write_answer(answer, settings()))
    except AegisError:
        _print(answer, format_)
        raise
    _print(answer, format_, written)


def _print(answer: "Answer", format_: AnswerFormat, written: "WrittenAnswer | None" = None) -> None:
    if format_ is AnswerFormat.JSON:
        added = {"written": dataclasses.asdict(written)} if written else {}
        OUT.print_json(json.dumps(dataclasses.asdict(answer) | added, ensure_ascii=False))
    else:
        _print_text(answer, written)


def _ask(question: str, mode: QueryMode, top_k: int) -> "Answer":
    from aegis_pipeline.graph import ask
    from aegis_pipeline.models import load_encoder, load_spacy
    from aegis_pipeline.pipeline.stores import graph_store, require_graph
    from aegis_pipeline.relations import load_schema

    configured = settings()
    if configured.extraction_pipeline is ExtractionPipeline.LIGHTRAG_DEFAULT:
        return _ask_legacy(question, mode, top_k)
    require_graph(configured)
    schema = load_schema(configured.relation_schema)
    nlp = load_spacy(configured.spacy_model, device=configured.device)
    encoder = load_encoder(configured.encoder_model, device=configured.device)
    with closing(graph_store(configured, encoder)) as store:
        return ask(store, nlp, encoder, schema, question, mode, top_k)


def _ask_legacy(question: str, mode: QueryMode, top_k: int) -> "Answer":
    """The graph of LightRAG's own extraction; no LLM is asked for this either."""
    from aegis_pipeline.pipeline.legacy import LegacyPipeline
    from aegis_pipeline.pipeline.stores import require_legacy_graph

    require_legacy_graph(settings())
    return LegacyPipeline.from_settings(settings()).query(question, mode, top_k)


def _print_text(answer: "Answer", written: "WrittenAnswer | None") -> None:
    OUT.print(f"Question ({answer.mode.value}): {answer.question}", style="bold")
    OUT.print(f"keywords: {', '.join(answer.keywords.low)} / {', '.join(answer.keywords.high)}")
    if written:
        _print_sentences(written)
    OUT.print("\nEvidence" if written else "\nAnswer", style="bold")
    for sentence in answer.sentences:
        OUT.print(f"  {_short(sentence.text)}  [{_places([sentence.source])}]")
    if not answer.sentences:
        OUT.print("  nothing found")
    OUT.print("\nEntities", style="bold")
    for entity in answer.entities:
        OUT.print(f"  {one_line(entity.name)} ({entity.type})  [{_places(entity.sources)}]")
    OUT.print("\nRelations", style="bold")
    for relation in answer.relations:
        _print_relation(relation)
    OUT.print("\nPassages", style="bold")
    for number, passage in enumerate(answer.passages, start=1):
        OUT.print(f"  {number}. {_short(passage.text)}  [{_places([passage.source])}]")


def _print_sentences(written: "WrittenAnswer") -> None:
    OUT.print(f"\nAnswer by {one_line(written.model)}, from passages 1 to {written.passages}", style="bold")
    for sentence in written.sentences:
        OUT.print(f"  {one_line(sentence.text)}  [{', '.join(map(str, sentence.sources))}]")
    if not written.sentences:
        OUT.print("  the passages do not answer it, as far as the model says")
    if written.unsourced:
        OUT.print(f"  left out: {written.unsourced} sentence(s) that named no passage", style="yellow")


def _print_relation(relation: "FoundRelation") -> None:
    OUT.print(f"  {one_line(relation.head)} - {one_line(relation.tail)}  [{_places(relation.sources)}]")
    for statement in relation.statements:
        OUT.print(f"    {_stated(statement)}")


def _stated(statement: "Statement") -> str:
    return one_line(f"{statement.head} > {statement.predicate} > {statement.tail} ({statement.confidence:.2f})")


def _places(sources: "Sequence[Source]") -> str:
    return "; ".join(f"{one_line(source.path)}:{source.start}-{source.end}" for source in sources)


def _short(text: str) -> str:
    line = one_line(" ".join(text.split()))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
