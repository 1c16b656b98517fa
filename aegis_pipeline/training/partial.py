"""Short texts of which only some properties are labelled: a first stage for the relation network.

Only the names that take part in a relation are given, and without types: these are the tagger's.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from aegis_pipeline.errors import InputError
from aegis_pipeline.reader.labels import TYPES, TypedSpan
from aegis_pipeline.reader.tagger import Tagger
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, Window, windows
from aegis_pipeline.records import Span
from aegis_pipeline.training.relation_data import LabelledWindow

_TEXTS_AT_ONCE = 256
_PERSONS = frozenset({"he", "him", "his", "she", "her", "hers"})


class PartialMention(BaseModel):
    """A name or a pronoun: characters, and the cluster of what it names."""

    start: int
    end: int
    cluster: int


class PartialRelation(BaseModel):
    """A Wikidata property between two clusters."""

    head: int
    tail: int
    pid: str


class PartialText(BaseModel):
    """One line of the file; ``annotated`` are the properties that are labelled."""

    id: str
    text: str
    mentions: list[PartialMention]
    relations: list[PartialRelation]
    annotated: list[str]


def load_partial(path: Path) -> list[PartialText]:
    """The texts that name two things or more.

    Raises:
        InputError: the file cannot be read, or a line is not of the form.
    """
    try:
        rows = [PartialText.model_validate_json(row) for row in path.read_bytes().splitlines()]
    except (OSError, ValidationError) as error:
        raise InputError(
            f"{path} cannot be read: {error}. Lines have id, text, mentions, relations, annotated."
        ) from error
    return [row for row in rows if len({mention.cluster for mention in row.mentions}) > 1]


def partial_windows(
    texts: Sequence[PartialText], tagger: Tagger, tokenizer: ReaderTokenizer, max_tokens: int
) -> list[LabelledWindow]:
    """The first window of each text, with what is labelled of it."""
    found: list[LabelledWindow] = []
    for at in range(0, len(texts), _TEXTS_AT_ONCE):
        together = texts[at : at + _TEXTS_AT_ONCE]
        for text, tagged in zip(together, tagger.tag([text.text for text in together]), strict=True):
            named = _named(text, tagged)
            read = windows(text.text, [Span(0, len(text.text))], named, tokenizer, max_tokens)
            found += [_labelled(text, window) for window in read[:1] if len(window.entities) > 1]
    return found


def _named(text: PartialText, tagged: Sequence[TypedSpan]) -> list[Named]:
    """Mentions with the types that most mentions of their cluster have."""
    votes: dict[int, Counter[int]] = {}
    for mention in text.mentions:
        count = votes.setdefault(mention.cluster, Counter())
        if text.text[mention.start : mention.end].lower() in _PERSONS:
            count[TYPES.index("PER")] += 1
        count.update(kind for start, end, kind in tagged if start < mention.end and mention.start < end)
    kinds = {
        cluster: max(count, key=lambda k: (count[k], -k), default=TYPES.index("MISC"))
        for cluster, count in votes.items()
    }
    return [Named(Span(m.start, m.end), kinds[m.cluster], str(m.cluster)) for m in text.mentions]


def _labelled(text: PartialText, window: Window) -> LabelledWindow:
    place = {entity: k for k, entity in enumerate(window.entities)}
    holds: dict[tuple[int, int], set[str]] = {}
    for relation in text.relations:
        head, tail = place.get(str(relation.head)), place.get(str(relation.tail))
        if head is not None and tail is not None and head != tail:
            holds.setdefault((head, tail), set()).add(relation.pid)
    said = {pair: frozenset(pids) for pair, pids in holds.items()}
    return LabelledWindow(text.id, window, window.entities, said, annotated=frozenset(text.annotated))
