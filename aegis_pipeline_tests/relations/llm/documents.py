"""Documents that say who was born where, a chunk for each statement, and a model that reads just that."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aegis_pipeline.records import (
    Chunk,
    Mention,
    Outcome,
    PhaseOutcome,
    Relation,
    RelationInput,
    RelationResult,
    Sentence,
    Span,
)
from aegis_pipeline.settings import RelationBackend, Settings
from aegis_pipeline_tests.fakes.llm_server import FakeLLM
from aegis_pipeline_tests.fakes.openai_server import FakeOpenAI

MODEL = "gemma3:4b"


def document(name: str, chunks: int = 1, said: str = "") -> RelationInput:
    """``chunks`` times a statement of its own, and ``said`` at the end of the first."""
    texts = [f"Ann{name}{n} was born in Ulm{name}{n}.{f' {said}' if said and not n else ''}" for n in range(chunks)]
    text, made, sentences, mentions = " ".join(texts), [], [], []
    for number, own in enumerate(texts):
        start = sum(len(before) + 1 for before in texts[:number])
        span, chunk = Span(start, start + len(own)), f"{name}-{number}"
        made.append(Chunk(chunk, name, number, span, own, (span,)))
        sentences.append(Sentence(name, chunk, number, span))
        for word, kind in ((f"Ann{name}{number}", "person"), (f"Ulm{name}{number}", "place")):
            place = Span(start + own.index(word), start + own.index(word) + len(word))
            mentions.append(Mention(name, chunk, number, place, word, kind.upper(), kind, "test", context=own))
    entity_of = {mention.id: f"entity {mention.text}" for mention in mentions}
    types = {f"entity {mention.text}": mention.type for mention in mentions}
    return RelationInput(name, text, tuple(made), tuple(sentences), tuple(mentions), entity_of, types)


def documents(count: int, chunks: int = 1) -> list[RelationInput]:
    return [document(f"x{number}x", chunks) for number in range(count)]


def shown_documents(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What a request shows of documents."""
    return [json.loads(line) for line in body["messages"][-1]["content"].split("\nDocuments\n")[1].splitlines()]


def read_births(body: dict[str, Any]) -> str:
    """The answer of a model that finds every birth."""
    return json.dumps({shown["document"]: _births(shown["entities"]) for shown in shown_documents(body)})


def _births(entities: dict[str, str]) -> list[list[Any]]:
    keys = list(entities)
    pairs = zip(keys[::2], keys[1::2], strict=True)
    return [
        [int(who), "place_of_birth", int(where), f"born in {entities[where].split()[0]}", 9] for who, where in pairs
    ]


def settings_for(llm: FakeLLM, home: Path, **own: Any) -> Settings:
    is_openai = isinstance(llm, FakeOpenAI)
    given = {
        "relation_backend": RelationBackend.OPENAI if is_openai else RelationBackend.OLLAMA,
        "openai_base_url" if is_openai else "ollama_host": f"{llm.url}/v1" if is_openai else llm.url,
        "relation_model": MODEL,
        "extraction_max_workers": 1,
        "aegis_home": home,
        **own,
    }
    return Settings(_env_file=None, **given)


def births(relations: Sequence[Relation]) -> set[tuple[str, str]]:
    """Who was born where, checked against each other's names."""
    for relation in relations:
        assert relation.predicate == "place_of_birth"
        assert relation.head.replace("Ann", "Ulm") == relation.tail
    return {(relation.document_id, relation.head) for relation in relations}


class EmbeddedBirths:
    """States that everybody was born where the text says, with a confidence of its own; every outcome is as given."""

    name, version = "embedded", "1"

    def __init__(self, outcome: Outcome = Outcome.OK) -> None:
        self._outcome = outcome

    def extract(self, batch: Any) -> RelationResult:
        made = [self._relation(each, chunk) for each in batch for chunk in each.chunks]
        return RelationResult(tuple(made), tuple(PhaseOutcome(each.document_id, self._outcome) for each in batch))

    def _relation(self, each: Any, chunk: Any) -> Relation:
        ends = (f"entity {name}{each.document_id}{chunk.index}" for name in ("Ann", "Ulm"))
        return Relation(each.document_id, chunk.id, *ends, "place_of_birth", "P19", 0.55, chunk.span, "embedded 1")
