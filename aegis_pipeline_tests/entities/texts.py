"""Texts whose names are marked, and what phase 2 makes of them without weights."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aegis_pipeline.entities import link_mentions, normalise
from aegis_pipeline.entities.linked_documents import named_documents, read_mentions
from aegis_pipeline.entities.local_names import LocalName, NamedDocument
from aegis_pipeline.entities.name_vectors import NameVectors
from aegis_pipeline.entities.sentences import Placed, by_sentence
from aegis_pipeline.records import EntityResult, Mention, Span
from aegis_pipeline_tests.fakes.encoder import FakeEncoder

ENCODE = FakeEncoder().encode
_MARKED = re.compile(r"\{([^{}|]+)\|(\w+)\}")
_BETWEEN_SENTENCES = 2  # characters; the offsets of a sentence are not those of its document
_VALUES = ("date", "number")


def said(document: str, *sentences: str) -> list[Mention]:
    """The mentions of a document in which each name is marked with its type: "{Acme Inc.|organization} grew."."""
    found: list[Mention] = []
    start = _BETWEEN_SENTENCES
    for index, sentence in enumerate(sentences):
        context, removed = _MARKED.sub(r"\1", sentence), 0
        for marked in _MARKED.finditer(sentence):
            text, kind = marked.groups()
            at = start + marked.start() - removed
            removed += len(marked[0]) - len(text)
            found.append(_mention(document, index, Span(at, at + len(text)), text, kind, context))
        start += len(context) + _BETWEEN_SENTENCES
    return found


def _mention(document: str, sentence: int, span: Span, text: str, kind: str, context: str) -> Mention:
    label, node = kind.upper(), kind not in _VALUES
    return Mention(document, f"{document}-0", sentence, span, text, label, kind, "spacy", is_node=node, context=context)


def placed(sentence: str) -> list[Placed]:
    """The names of one sentence."""
    (found,) = by_sentence(said("d", sentence))
    return found


def named(mentions: Iterable[Mention]) -> list[NamedDocument]:
    """The names of each document."""
    found = list(mentions)
    return named_documents(read_mentions(found, {mention.text: normalise(mention.text) for mention in found}))


def document(*sentences: str) -> NamedDocument:
    """The names of one document."""
    mentions = said("d", *sentences)
    (found,) = named(mentions)
    return found


def local(found: NamedDocument, key: str) -> LocalName:
    """The one name of a document that has the key."""
    (name,) = (name for name in found.names if name.key == key)
    return name


def linked(*mentions: list[Mention], same_names: Mapping[str, str] | None = None) -> EntityResult:
    """Phase 2 over documents."""
    return link_mentions([mention for each in mentions for mention in each], ENCODE, same_names or {})


def together(found: EntityResult) -> set[frozenset[str]]:
    """The texts that are one entity, for every entity that has more than one text."""
    groups = (frozenset(mention.text for mention in entity.mentions) for entity in found.entities)
    return {group for group in groups if len(group) > 1}


def things(found: EntityResult, text: str) -> list[set[str]]:
    """For each entity that has a mention of this text, the documents of these mentions."""
    of = [{m.document_id for m in entity.mentions if m.text == text} for entity in found.entities]
    return sorted(filter(None, of), key=sorted)


@dataclass(frozen=True, slots=True)
class Alike(NameVectors):
    """Names that are all as near to each other as ``of_all`` says; every pair is proposed, or those of ``pairs``."""

    row: Mapping[str, int] = field(default_factory=dict)
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), dtype=np.float32))
    of_all: float = 0.0
    pairs: Mapping[str, list[str]] | None = None

    def near(self, keys: Iterable[str]) -> dict[str, list[str]]:
        names = list(keys)
        return dict.fromkeys(names, names) if self.pairs is None else dict(self.pairs)

    def cosine(self, one: str, other: str) -> float:
        return self.of_all
