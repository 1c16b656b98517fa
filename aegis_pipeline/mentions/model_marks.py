"""What a pipeline's entities give: marks with tidy boundaries, by the trained reader or by spaCy's own model."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from aegis_pipeline.mentions.boundaries import tidy
from aegis_pipeline.mentions.marks import Mark
from aegis_pipeline.reader.component import BEFORE
from aegis_pipeline.reader.labels import kind_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

# LightRAG cuts names there; what is longer is no name.
_LONGEST_NAME = 256
# Of 17 places that en_core_web_sm calls so on Re-DocRED dev 350-399, 12 are rivers, straits, towns or parks. Of its
# other finer labels there, 9 in 10 are right: GPE 150 of 158, NORP 68 of 71, WORK_OF_ART 16 of 22.
_UNSURE = frozenset({"FAC"})


def reader_marks(doc: "Doc") -> list[Mark]:
    """The reader's names, and spaCy's label where it has the same name in a finer class of the same type."""
    own = [mark for span in doc.ents for mark in _tidied(span, "reader")]
    return with_finer_labels(own, [mark for span in doc.spans[BEFORE] for mark in _tidied(span, "spacy")])


def spacy_marks(doc: "Doc") -> list[Mark]:
    """The names of spaCy's own model; of a pipeline with the reader, what it said before the reader."""
    spans = doc.spans.get(BEFORE, doc.ents)
    return [mark for span in spans if not _names_nothing(span) for mark in _tidied(span, "spacy")]


def with_finer_labels(marks: Iterable[Mark], finer: Sequence[Mark]) -> list[Mark]:
    """``marks``, each with the label of its equal in ``finer`` where both are of one of the reader's types."""
    labels = {(mark.start, mark.end): mark.label for mark in finer if mark.label not in _UNSURE}
    labelled = ((mark, labels.get((mark.start, mark.end), mark.label)) for mark in marks)
    return [mark._replace(label=label) if kind_of(label) == kind_of(mark.label) else mark for mark, label in labelled]


def _tidied(span: "Span", source: str) -> Iterator[Mark]:
    if len(span.text) <= _LONGEST_NAME:
        yield from tidy(span.doc.text, Mark(span.start_char, span.end_char, span.label_, source))


def _names_nothing(span: "Span") -> bool:
    """Words that point instead of naming: a date or time without a number or a name ("today", "that year"), and the
    pronoun "one". On Re-DocRED dev 300-499, 85 of 89 such dates and times and 29 of 34 such "one"
    are no mentions there; without them span F1 goes from .827 to .835."""
    if span.label_ in ("DATE", "TIME"):
        return not any(token.like_num or token.pos_ == "PROPN" or any(map(str.isdigit, token.text)) for token in span)
    return span.label_ == "CARDINAL" and span.text.lower() == "one"
