"""Sentences of a chunk: given to the parser as they are, and read back with the parse."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis_pipeline.records import Chunk, Sentence, Token

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.tokens import Token as SpacyToken


def sentence_at(chunk: Chunk, offset: int) -> int:
    """The place, in the chunk, of the sentence that holds the document's character ``offset`` or comes before it."""
    return max(0, bisect_right(chunk.sentences, offset, key=lambda span: span.start) - 1)


def presegmented(nlp: "Language", chunk: Chunk) -> "Doc":
    """The chunk's tokens with the chunk's sentence boundaries set, so that neither parser nor tagger crosses one.

    A token that begins in one sentence and ends in the next belongs to the first.
    """
    doc = nlp.make_doc(chunk.text)
    previous = -1
    for token in doc:
        owner = sentence_at(chunk, chunk.span.start + token.idx)
        token.is_sent_start = owner != previous
        previous = owner
    return doc


def parsed_sentences(doc: "Doc", chunk: Chunk, first_index: int) -> list[Sentence]:
    """One record for each of the chunk's sentences, numbered from ``first_index``; tokens in document offsets,
    none where no parser ran."""
    groups: list[list[SpacyToken]] = [[] for _ in chunk.sentences]
    for token in doc if doc.has_annotation("DEP") else ():
        groups[sentence_at(chunk, chunk.span.start + token.idx)].append(token)
    return [
        Sentence(chunk.document_id, chunk.id, first_index + k, span, _tokens(group, chunk.span.start))
        for k, (span, group) in enumerate(zip(chunk.sentences, groups, strict=True))
    ]


def _tokens(group: Sequence["SpacyToken"], offset: int) -> tuple[Token, ...]:
    """A head outside the sentence cannot be said: such a token is its own head, which is a root."""
    place = {token.i: k for k, token in enumerate(group)}
    return tuple(
        Token(
            start=offset + token.idx,
            end=offset + token.idx + len(token),
            lemma=token.lemma_,
            pos=token.pos_,
            tag=token.tag_,
            dep=token.dep_,
            head=place.get(token.head.i, k),
        )
        for k, token in enumerate(group)
    )
