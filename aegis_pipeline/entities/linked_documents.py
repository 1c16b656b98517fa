"""Identity within each document of a batch, and what a process remembers of it for the batch's next run."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aegis_pipeline.entities.classifier import pair_model
from aegis_pipeline.entities.local_entities import LocalEntity, local_entities
from aegis_pipeline.entities.local_names import LocalName, NamedDocument, named_document
from aegis_pipeline.entities.name_vectors import EncodeNames, NameVectors
from aegis_pipeline.entities.overrides import NO_MARKS, Marks
from aegis_pipeline.entities.senses import VALUE, senses
from aegis_pipeline.entities.within import ScoredPair, described_pairs, link_within
from aegis_pipeline.records import Mention

MarksOf = Callable[[str, str], Marks]


class ReadMention(NamedTuple):
    """A mention, its key and sense, and what the user's overrides say of that key in its document."""

    mention: Mention
    key: str
    sense: str
    marks: Marks


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """What phase 2 makes of one document alone: its names, the candidate pairs of these, and its entities."""

    named: NamedDocument
    scored: tuple[ScoredPair, ...]
    entities: tuple[LocalEntity, ...]


class LinkMemory:
    """What documents came to: a document that reads as before is not linked again.

    Only for one encoder. Of a batch of 480 documents, of which one changes, linking takes half the time.
    """

    _DOCUMENTS_MAX = 2_000

    def __init__(self) -> None:
        self._known: dict[str, tuple[Sequence[ReadMention], LinkedDocument]] = {}

    def recall(self, document_id: str, read: Sequence[ReadMention]) -> LinkedDocument | None:
        """What ``read`` came to, if it is what the document said when it was linked last."""
        before, linked = self._known.get(document_id, ((), None))
        return linked if before == read else None

    def remember(self, read: Mapping[str, Sequence[ReadMention]], linked: Mapping[str, LinkedDocument]) -> None:
        """Keep these documents, and of others the latest, up to a bound."""
        for document_id, document in linked.items():
            self._known.pop(document_id, None)
            self._known[document_id] = (read[document_id], document)
        for document_id in list(self._known)[: -self._DOCUMENTS_MAX]:
            del self._known[document_id]


def linked_documents(
    mentions: Iterable[Mention],
    key_of: Mapping[str, str],
    encode_names: EncodeNames,
    marks_of: MarksOf,
    memory: LinkMemory,
) -> list[LinkedDocument]:
    """The documents of a batch, by id.

    Args:
        mentions: of the whole batch: a name's sense in one document may hang on the others.
        key_of: a mention's text to its key.
        encode_names: distinct keys to unit vectors, one row each; called once.
        marks_of: a key and a document id to what the user's overrides say of them.
        memory: of runs before; what this one finds is added.
    """
    read = read_mentions(mentions, key_of, marks_of)
    vectors = NameVectors.of((m.key for group in read.values() for m in group if m.sense != VALUE), encode_names)
    known = {document_id: memory.recall(document_id, group) for document_id, group in read.items()}
    new = _linked({document_id: read[document_id] for document_id, found in known.items() if found is None}, vectors)
    linked = {document_id: found or new[document_id] for document_id, found in known.items()}
    memory.remember(read, linked)
    return [linked[document_id] for document_id in sorted(linked)]


def read_mentions(
    mentions: Iterable[Mention], key_of: Mapping[str, str], marks_of: MarksOf = lambda *_: NO_MARKS
) -> dict[str, tuple[ReadMention, ...]]:
    """Document id → its mentions; ``key_of`` maps a mention's text to its key."""
    by_document: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_document[mention.document_id].append(mention)
    sense_of = senses((m for group in by_document.values() for m in group), lambda mention: key_of[mention.text])
    return {
        document_id: tuple(
            ReadMention(m, key := key_of[m.text], sense_of[document_id, key], marks_of(key, document_id)) for m in group
        )
        for document_id, group in by_document.items()
    }


def named_documents(read: Mapping[str, Sequence[ReadMention]]) -> list[NamedDocument]:
    """The names of each document, in the order of the ids."""
    return [_named(document_id, read[document_id]) for document_id in sorted(read)]


def _named(document_id: str, read: Sequence[ReadMention]) -> NamedDocument:
    key_of, sense_of = {m.mention.text: m.key for m in read}, {m.key: m.sense for m in read}
    return named_document(document_id, [m.mention for m in read], key_of, sense_of)


def _linked(read: Mapping[str, Sequence[ReadMention]], vectors: NameVectors) -> dict[str, LinkedDocument]:
    """All pairs of these documents go through the classifier at once."""
    named = named_documents(read)
    described = [(document, *found) for document in named for found in described_pairs(document, vectors)]
    scores = pair_model().probabilities([features for _, _, features in described])
    scored: dict[str, list[ScoredPair]] = defaultdict(list)
    for (document, pair, features), score in zip(described, scores.tolist(), strict=True):
        scored[document.document_id].append(ScoredPair(pair, features, score))
    return {d.document_id: _within(d, tuple(scored[d.document_id]), read[d.document_id]) for d in named}


def _within(document: NamedDocument, scored: tuple[ScoredPair, ...], read: Iterable[ReadMention]) -> LinkedDocument:
    marks, threshold = {m.key: m.marks for m in read}, pair_model().threshold

    def marks_of(name: LocalName) -> Marks:
        return marks[name.key]

    clusters = link_within(document.names, scored, threshold, marks_of)
    return LinkedDocument(document, scored, tuple(local_entities(clusters, scored, threshold, marks_of)))
