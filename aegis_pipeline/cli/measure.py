"""``aegis measure``: any backends and any model on labelled documents, from text to score."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aegis_pipeline.cli.console import OUT, note, show_progress
from aegis_pipeline.cli.extract import best_f1_settings
from aegis_pipeline.errors import InputError
from aegis_pipeline.settings import NerBackend, RelationBackend, Settings, settings

if TYPE_CHECKING:
    from aegis_pipeline.benchmarks.statements import Gold


def measure(
    gold: Annotated[Path, typer.Argument(help="Labelled JSONL: text, mentions, relations.")],
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    documents: Annotated[
        str | None, typer.Option(metavar="FROM-TO", help="Of GOLD, both ends included. Default: all.")
    ] = None,
    ner: Annotated[NerBackend | None, typer.Option(help="Default: NER_BACKEND.")] = None,
    backend: Annotated[RelationBackend | None, typer.Option(help="Default: RELATION_BACKEND.")] = None,
    model: Annotated[str | None, typer.Option(help="Of that backend's server. Default: RELATION_MODEL.")] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="As of `aegis extract`, relations below it are left out.")
    ] = None,
) -> None:
    """Run the three phases on labelled documents, score what they find, and write a result file.

    It has every figure of `aegis score`, evidence, each property, statements rejected by reason, outcomes, calls,
    tokens and seconds; and what they were made with: data, model by digest, version of the server, settings.
    docs/llm-relations.md shows how to measure a model.
    """
    show_progress()
    from aegis_pipeline.benchmarks.provenance import provenance
    from aegis_pipeline.benchmarks.scoring import load

    labelled = load(gold, documents)
    if not labelled:
        raise InputError(f"{gold} has no documents {documents}: it has fewer lines. Give FROM-TO, counted from 0.")
    configured = best_f1_settings(min_confidence, _chosen(ner, backend, model))
    made_with = provenance(configured, gold, documents or f"0-{len(labelled) - 1}")
    found = _measured(configured, labelled)
    command = _command(gold, documents=documents, ner=ner, backend=backend, model=model, min_confidence=min_confidence)
    text = json.dumps({"command": command, **made_with, **found}, indent=1, ensure_ascii=False)
    out.write_text(text + "\n", encoding="utf-8")
    _print(found, made_with, out)


def _chosen(ner: NerBackend | None, backend: RelationBackend | None, model: str | None) -> Settings:
    configured = settings()
    options = {"ner_backend": ner, "relation_backend": backend, "relation_model": model}
    configured = configured.model_copy(update={name: value for name, value in options.items() if value is not None})
    if model is not None and configured.relation_backend is RelationBackend.EMBEDDED:
        raise InputError(f"--model {model} is asked by a server: add --backend ollama or --backend openai.")
    return configured


def _measured(configured: Settings, gold: "Gold") -> dict[str, Any]:
    from aegis_pipeline.benchmarks.measuring import documents_of, measured
    from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor

    return measured(gold, ThreePhaseExtractor.from_settings(configured).extract_documents(documents_of(gold)))


def _command(gold: Path, **options: object) -> str:
    given = {f"--{name.replace('_', '-')}": value for name, value in options.items() if value is not None}
    words = [gold.name, *(str(word) for option in given.items() for word in option)]
    return f"aegis measure {shlex.join(words)} --out FILE"


def _print(found: dict[str, Any], made_with: dict[str, Any], out: Path) -> None:
    for name, meaning in (("unproven", "Of which model these are nobody can tell"), ("seen", "Some were seen before")):
        if name in made_with:
            note(f"{meaning}: {made_with[name]}.", style="yellow")
    if kept := found["a document"]["answers from the cache"]:
        note(f"{kept:,} answers were kept from before: calls, tokens and seconds are too few.", style="yellow")
    for name in ("ner_span", "rel_soft", "rel_pair"):
        if name in found["quality"]:
            figure = found["quality"][name]
            OUT.print(f"{name:<9} P {figure['p']:.4f}  R {figure['r']:.4f}  F1 {figure['f1']:.4f}")
    OUT.print(f"All figures: {out}")
