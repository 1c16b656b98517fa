"""The two formats that are scored, a line a document: labelled data, and what ``aegis extract`` writes."""

from typing import NotRequired

from typing_extensions import TypedDict

Id = int | str
"""Clusters are numbered, node ids are strings; both are only compared."""


class GoldMention(TypedDict):
    """A labelled name: ``cluster`` is its identity within the document, ``kb`` across documents."""

    start: int
    end: int
    type: NotRequired[str | None]
    cluster: NotRequired[Id | None]
    kb: NotRequired[str | None]


class GoldRelation(TypedDict):
    """A labelled statement between two clusters; ``pid`` is a Wikidata property, ``evidence`` the indices of the
    sentences that state it."""

    head: Id
    tail: Id
    pid: str
    evidence: NotRequired[list[int]]


class GoldDocument(TypedDict):
    """A labelled document; only one with ``relations`` is scored within itself. ``sents`` are its sentences."""

    id: str
    text: str
    sents: NotRequired[list[tuple[int, int]]]
    mentions: list[GoldMention]
    relations: NotRequired[list[GoldRelation]]
    eval_span: NotRequired[tuple[int, int] | None]


class PredictedMention(TypedDict):
    """A mention that was found; without a label its node's type stands in."""

    start: int
    end: int
    label: NotRequired[str | None]


class PredictedNode(TypedDict):
    """An entity that was found, with its mentions in this document."""

    id: Id
    mentions: list[PredictedMention]
    type: NotRequired[str | None]


class PredictedEdge(TypedDict):
    """A statement that was found between two nodes."""

    head: Id
    tail: Id
    pid: NotRequired[str | None]
    confidence: NotRequired[float | None]


class Prediction(TypedDict):
    """What was found in one document: a line of ``aegis extract``."""

    id: str
    nodes: list[PredictedNode]
    edges: list[PredictedEdge]
