"""Documents for phase 3 from parses that are written out, so that no model is loaded."""

from collections.abc import Callable, Sequence

import pytest

from aegis_pipeline.records import Chunk, Mention, RelationInput, Sentence, Span, Token

Build = Callable[..., RelationInput]


def _sentence(table: str, start: int, index: int) -> tuple[str, Sentence, list[Mention]]:
    """A line per token: word (or word/lemma), part of speech, tag, label, head, and the type where it is a name.

    An underscore in a word stands for a space.
    """
    text, tokens, mentions = "", [], []
    for line in table.strip().splitlines():
        word, pos, tag, dep, head, *kind = line.split()
        word, _, lemma = word.partition("/")
        word = word.replace("_", " ")
        text += word if not text or pos in {"PUNCT", "PART"} else f" {word}"
        span = Span(start + len(text) - len(word), start + len(text))
        tokens.append(Token(span.start, span.end, lemma or word, pos, tag, dep, int(head)))
        mentions += [Mention("d", "d:0", index, span, word, one.upper(), one, "test", one != "number") for one in kind]
    return text, Sentence("d", "d:0", index, Span(start, start + len(text)), tuple(tokens)), mentions


@pytest.fixture
def document() -> Build:
    """Builds a document ``d`` of one chunk from the tables of its sentences; an entity is a name."""

    def build(*tables: str) -> RelationInput:
        texts: list[str] = []
        sentences: list[Sentence] = []
        mentions: list[Mention] = []
        for index, table in enumerate(tables):
            text, sentence, found = _sentence(table, sum(len(one) + 1 for one in texts), index)
            texts.append(text)
            sentences.append(sentence)
            mentions += found
        return _input(" ".join(texts), sentences, mentions)

    return build


def _input(text: str, sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> RelationInput:
    spans = tuple(sentence.span for sentence in sentences)
    return RelationInput(
        document_id="d",
        text=text,
        chunks=(Chunk("d:0", "d", 0, Span(0, len(text)), text, spans),),
        sentences=tuple(sentences),
        mentions=tuple(mentions),
        entity_of={mention.id: mention.text for mention in mentions},
        entity_types={mention.text: mention.type for mention in mentions},
    )
