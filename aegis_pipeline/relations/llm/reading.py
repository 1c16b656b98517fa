"""From an answer to relations: each is checked against the text and the schema, and what is wrong is counted."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Any

from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.records import Rejection, Relation, RelationInput, Sentence, Span
from aegis_pipeline.relations.fitting import fit, misfit
from aegis_pipeline.relations.llm.answer_schema import STRONGEST
from aegis_pipeline.relations.llm.sections import Section
from aegis_pipeline.relations.schema import RelationSchema

Items = list[Any]
"""What an answer lists for one section, not yet checked."""


class Flaw(StrEnum):
    """Why one item of a list is no relation, beside what the schema rules out."""

    SHAPE = "wrong_shape"
    UNKNOWN_ID = "unknown_id"
    QUOTE = "quote_not_in_text"
    DUPLICATE = "duplicate"
    WEAK = "low_confidence"


@dataclass(frozen=True, slots=True)
class Read:
    """The relations of a document's sections, and how many items were not kept, by reason."""

    relations: tuple[Relation, ...]
    rejected: tuple[Rejection, ...]


def lists_of(answer: str, keys: Collection[str]) -> dict[str, Items]:
    """The list of each of ``keys`` that the answer has one for.

    Raises:
        CallFailed: it is not JSON, or has a list for none of them.
    """
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        raise CallFailed(Fault.MALFORMED, "the answer is no JSON") from None
    lists = {key: found[key] for key in keys if isinstance(found.get(key), list)} if isinstance(found, dict) else {}
    if not lists:
        raise CallFailed(Fault.MALFORMED, "the answer has no list for any document")
    return lists


class Reader:
    """Reads the lists of one document after another. ``extractor`` is what its relations are signed with."""

    def __init__(self, schema: RelationSchema, extractor: str, min_confidence: float) -> None:
        self._schema, self._extractor, self._min_confidence = schema, extractor, min_confidence

    def read(self, document: RelationInput, lists: Iterable[tuple[Section, Items]]) -> Read:
        """What the sections' lists say of ``document``; of what is said twice the strongest is kept."""
        rejected: Counter[str] = Counter()
        stated = [
            relation
            for section, items in lists
            for item in items
            if (relation := self._counted(section, item, rejected)) is not None
        ]
        fitted = fit(stated, document.entity_types, self._schema)
        kept = _strongest(fitted.relations)
        rejected[Flaw.DUPLICATE.value] += len(fitted.relations) - len(kept)
        kept = _strongest(chain(kept, (other for one in kept for other in self._inverse(one, document))))
        rejected.update({rejection.reason: rejection.count for rejection in fitted.rejected})
        return Read(tuple(kept), tuple(Rejection(reason, n) for reason, n in sorted(rejected.items()) if n))

    def _inverse(self, relation: Relation, document: RelationInput) -> Iterator[Relation]:
        """The same said the other way round, where the schema has a predicate for that: models are asked for one."""
        predicate = self._schema[relation.predicate]
        key = predicate.key if predicate.symmetric else predicate.inverse
        if key is not None:
            pid, head, tail = self._schema[key].pid, relation.tail, relation.head
            other = replace(relation, predicate=key, pid=pid, head=head, tail=tail)
            if misfit(other, document.entity_types, self._schema) is None:
                yield other

    def _counted(self, section: Section, item: Any, rejected: Counter[str]) -> Relation | None:
        relation = self._relation(section, item)
        if isinstance(relation, Flaw):
            rejected[relation.value] += 1
            return None
        return relation

    def _relation(self, section: Section, item: Any) -> Relation | Flaw:
        match item:
            case [int(head), str(predicate), int(tail), str(quote), int(strength)] if 1 <= strength <= STRONGEST:
                return self._checked(section, head, predicate, tail, quote, strength / STRONGEST)
        return Flaw.SHAPE

    def _checked(
        self, section: Section, head: int, predicate: str, tail: int, quote: str, confidence: float
    ) -> Relation | Flaw:
        ids = {named.key: named.entity for named in section.entities}
        if head not in ids or tail not in ids:
            return Flaw.UNKNOWN_ID
        evidence = find_quote(section, quote, (ids[head], ids[tail]))
        if evidence is None:
            return Flaw.QUOTE
        if confidence < self._min_confidence:
            return Flaw.WEAK
        known = self._schema.get(predicate)
        return Relation(
            document_id=section.document.document_id,
            chunk_id=evidence[0].chunk_id,
            head=ids[head],
            tail=ids[tail],
            predicate=predicate,
            pid=known.pid if known else None,
            confidence=confidence,
            evidence=(span := Span(evidence[0].span.start, evidence[-1].span.end)),
            extractor=self._extractor,
            evidence_text=section.document.text[span.start : span.end],
        )


def find_quote(section: Section, quote: str, ends: Collection[str]) -> list[Sentence] | None:
    """The sentences that hold the quote, of one chunk; None where the section's text does not have it.

    White space, case and the kind of quotation marks and dashes may differ. Where it stands several times, that place
    counts whose sentences name most of the entities ``ends``.
    """
    found = [list(sentences) for span in _places(section, quote) if (sentences := _sentences(section, span))]
    mentions = [m for m in section.document.mentions if section.document.entity_of.get(m.id) in ends]

    def named(sentences: Sequence[Sentence]) -> int:
        indices = {sentence.index for sentence in sentences}
        return len({section.document.entity_of[m.id] for m in mentions if m.sentence in indices})

    return max(found, key=named) if found else None


_ALIKE = str.maketrans("“”„‘’‚–—‐‑", "\"\"\"'''----")


def _places(section: Section, quote: str) -> Iterator[Span]:
    words = quote.translate(_ALIKE).split()
    if not words:
        return
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words), re.IGNORECASE)
    start = section.span.start
    for match in pattern.finditer(section.text.translate(_ALIKE)):
        yield Span(start + match.start(), start + match.end())


def _sentences(section: Section, place: Span) -> list[Sentence]:
    touched = [s for s in section.document.sentences if s.span.start < place.end and s.span.end > place.start]
    return [sentence for sentence in touched if sentence.chunk_id == touched[0].chunk_id]


def _strongest(relations: Iterable[Relation]) -> list[Relation]:
    """One for each head, predicate and tail, in the order of the text."""
    best: dict[tuple[str, str, str], Relation] = {}
    for relation in relations:
        key = (relation.head, relation.predicate, relation.tail)
        if key not in best or relation.confidence > best[key].confidence:
            best[key] = relation
    return sorted(best.values(), key=lambda r: (r.evidence.start, r.head, r.predicate, r.tail))
