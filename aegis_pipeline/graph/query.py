"""Questions to the graph without any LLM: keywords by spaCy and the relation schema, retrieval by LightRAG, and an
answer that is the best evidence sentences, as they stand in the documents."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lightrag.query_validation import QueryValidationError

from aegis_pipeline.documents import sentence_spans
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph.statements import Statement
from aegis_pipeline.graph.store import Retriever
from aegis_pipeline.models import Encoder
from aegis_pipeline.records import QueryMode, Span
from aegis_pipeline.relations import RelationSchema, match_predicates

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.tokens import Span as TokenSpan

ANSWER_SENTENCES = 3
_LEADING = re.compile(r"^(?:the|a|an|which|what|who|whose|where|when|how|many|much)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Keywords:
    """What a question asks about: ``low`` names things, ``high`` names relations between them."""

    low: tuple[str, ...]
    high: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a document: characters ``start`` to ``end`` of its text."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity of the graph that was retrieved."""

    name: str
    type: str
    description: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class FoundRelation:
    """An edge of the graph that was retrieved, with its directed statements."""

    head: str
    tail: str
    description: str
    statements: tuple[Statement, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was retrieved, or a sentence of one with its score: how near it is to the question, at most 2."""

    text: str
    source: Source
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was retrieved for a question; ``sentences`` is the answer, the best evidence first."""

    question: str
    mode: QueryMode
    keywords: Keywords
    entities: tuple[FoundEntity, ...]
    relations: tuple[FoundRelation, ...]
    passages: tuple[Passage, ...]
    sentences: tuple[Passage, ...]


def question_keywords(nlp: "Language", schema: RelationSchema, question: str) -> Keywords:
    """The entities and noun chunks of ``question``, and the predicates of ``schema`` that its words match."""
    doc = nlp(question)
    names = [_bare(span) for span in (*doc.ents, *(doc.noun_chunks if doc.has_annotation("DEP") else ()))]
    low = tuple(dict.fromkeys(name for name in names if name)) or (question,)
    high = tuple(predicate.label for predicate in match_predicates(_words(doc), schema))
    return Keywords(low, high or low)


def _bare(span: "TokenSpan") -> str:
    if all(token.is_stop or token.is_punct for token in span):
        return ""
    text, shorter = "", span.text.strip()
    while text != shorter:
        text, shorter = shorter, _LEADING.sub("", shorter)
    return text


def _words(doc: "Doc") -> list[str]:
    return [word for token in doc if not token.is_punct for word in dict.fromkeys((token.lower_, token.lemma_.lower()))]


def ask(
    store: Retriever,
    nlp: "Language",
    encoder: Encoder,
    schema: RelationSchema,
    question: str,
    mode: QueryMode,
    top_k: int = 10,
) -> Answer:
    """Retrieve for ``question`` and choose the evidence sentences that are nearest to it.

    Raises:
        InputError: LightRAG takes no question as short as this one.
    """
    keywords = question_keywords(nlp, schema, question)
    try:
        data = store.retrieve(question, mode.value, list(keywords.high), list(keywords.low), top_k)
    except QueryValidationError as error:
        raise InputError(f"The question {question!r} cannot be asked: {error}") from None
    passages = tuple(Passage(row["content"], _sources(row)[0]) for row in data.get("chunks", []) if row["sources"])
    return Answer(
        question,
        mode,
        keywords,
        tuple(_entity(row) for row in data.get("entities", [])),
        tuple(_relation(row) for row in data.get("relationships", [])),
        passages,
        _best_sentences(encoder, question, keywords.low, passages),
    )


def _sources(row: dict[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in row["sources"])


def _entity(row: dict[str, Any]) -> FoundEntity:
    return FoundEntity(row["entity_name"], row["entity_type"], row["description"], _sources(row))


def _relation(row: dict[str, Any]) -> FoundRelation:
    return FoundRelation(row["src_id"], row["tgt_id"], row["description"], tuple(row["statements"]), _sources(row))


def _best_sentences(
    encoder: Encoder, question: str, names: Sequence[str], passages: Sequence[Passage]
) -> tuple[Passage, ...]:
    """The sentences of the passages that come nearest: cosine of the embeddings, and the share of ``names`` in them."""
    found = [_part(passage, span) for passage in passages for span in sentence_spans(passage.text)]
    if not found:
        return ()
    cosines = encoder.encode([sentence.text for sentence in found]) @ encoder.encode([question])[0]
    scored = [
        replace(sentence, score=round(float(cosine) + _share(names, sentence.text), 4))
        for sentence, cosine in zip(found, cosines, strict=True)
    ]
    return tuple(sorted(scored, key=lambda sentence: -(sentence.score or 0))[:ANSWER_SENTENCES])


def _part(passage: Passage, span: Span) -> Passage:
    start = passage.source.start
    place = Source(passage.source.path, start + span.start, start + span.end)
    return Passage(passage.text[span.start : span.end], place)


def _share(names: Sequence[str], text: str) -> float:
    lowered = text.casefold()
    return sum(name.casefold() in lowered for name in names) / len(names)
