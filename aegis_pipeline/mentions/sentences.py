"""Sentences of a chunk, given to a model as they are."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from aegis_pipeline.records import Chunk

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


def sentence_at(chunk: Chunk, offset: int) -> int:
    """The place, in the chunk, of the sentence that holds the document's character ``offset`` or comes before it."""
    return max(0, bisect_right(chunk.sentences, offset, key=lambda span: span.start) - 1)


def presegmented(nlp: "Language", chunk: Chunk) -> "Doc":
    """The chunk's tokens with the chunk's sentence boundaries set, so that no pipe crosses one.

    A token that begins in one sentence and ends in the next belongs to the first.
    """
    doc = nlp.make_doc(chunk.text)
    previous = -1
    for token in doc:
        owner = sentence_at(chunk, chunk.span.start + token.idx)
        token.is_sent_start = owner != previous
        previous = owner
    return doc
