"""The names of one document: the mentions with one normalised key are one name, in one sense, unless the text says that
it has two bearers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aegis_pipeline.entities import cues
from aegis_pipeline.entities.canonical import canonical_name, canonical_type, surface
from aegis_pipeline.entities.names import Name, has_initials, parse
from aegis_pipeline.entities.sentences import Placed, by_sentence
from aegis_pipeline.records import Mention


@dataclass(frozen=True, slots=True)
class LocalName:
    """One name in one document. ``kind`` is what the text says that it is of (``cues.kind``), ``bearer`` tells apart
    things of one name in one document and is empty where there is one."""

    document_id: str
    key: str
    sense: str
    bearer: str
    kind: str
    name: Name
    type: str
    persons: float
    mentions: tuple[Mention, ...]

    @property
    def first(self) -> int:
        """Where in the document it is named first."""
        return self.mentions[0].span.start

    @property
    def is_person(self) -> bool:
        """Most of its mentions are labelled as a person."""
        return self.persons >= 0.5

    @property
    def order(self) -> tuple[str, str, str]:
        """Sorts the names of a document, whatever order they came in."""
        return (self.key, self.sense, self.bearer)


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document's names, in order, and its mentions sentence by sentence."""

    document_id: str
    names: tuple[LocalName, ...]
    sentences: tuple[tuple[Placed, ...], ...]


def named_document(
    document_id: str, mentions: Sequence[Mention], key_of: Mapping[str, str], sense_of: Mapping[str, str]
) -> NamedDocument:
    """One document; ``key_of`` maps a mention's text to its key, ``sense_of`` a key to its sense here."""
    sentences = tuple(tuple(sentence) for sentence in by_sentence(mentions))
    names = local_names(mentions, key_of, sense_of, kinds_of(sentences))
    return NamedDocument(document_id, tuple(names), sentences)


def local_names(
    mentions: Sequence[Mention], key_of: Mapping[str, str], sense_of: Mapping[str, str], kinds: Mapping[str, str]
) -> list[LocalName]:
    """The names of one document.

    Args:
        mentions: of the document.
        key_of: a mention's text to its normalised key.
        sense_of: a key to its sense in this document.
        kinds: a mention's id to what kind of thing the text says that it is, where it does.
    """
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in sorted(mentions, key=lambda m: m.span.start):
        groups[key_of[mention.text]].append(mention)
    acronyms = _spelled_out({key: [surface(m) for m in group] for key, group in groups.items()})
    found = []
    for key in groups:
        bearers = _bearers(key, groups, kinds, key in acronyms)
        found += [_local(key, sense_of[key], *bearer, bearers[bearer]) for bearer in bearers]
    return sorted(found, key=lambda name: name.order)


def kinds_of(sentences: Iterable[Sequence[Placed]]) -> dict[str, str]:
    """Mention id → the kind of thing that the words around it say, where they do. Persons and values have none."""
    telling = (sentence for sentence in sentences if sentence and cues.may_tell(sentence[0].mention.context))
    told = ((p.mention.id, cues.kind(p)) for sentence in telling for p in sentence if p.mention.is_node)
    return {mention_id: kind for mention_id, kind in told if kind is not None}


def _holds(longer: str, key: str) -> bool:
    """``longer`` begins or ends with the words of ``key``: "project mercury" with "mercury"."""
    return longer.endswith(" " + key) or longer.startswith(key + " ")


def _spelled_out(surfaces: Mapping[str, Sequence[str]]) -> set[str]:
    """The keys that are written both as an acronym and as a word, and that a name of the document spells out: "ARM",
    "Acorn RISC Machine", and "Arm"."""
    both = {
        key: parse(caps[0], key)
        for key, written in surfaces.items()
        if (caps := [text for text in written if text.isupper()]) and len(caps) < len(written)
    }
    full = [parse(written[0], key) for key, written in surfaces.items()] if both else []
    return {key for key, name in both.items() if any(has_initials(name, other) for other in full)}


Bearer = tuple[str, str]  # what tells it apart, and its kind


def _bearers(
    key: str, groups: Mapping[str, Sequence[Mention]], kinds: Mapping[str, str], by_case: bool
) -> dict[Bearer, list[Mention]]:
    """The mentions of one key by bearer: one, unless the text gives them two kinds, speaks of another bearer, or writes
    an acronym and a word."""
    group = groups[key]
    own = [(m.span.start, kinds[m.id]) for m in group if kinds.get(m.id) not in (None, cues.OTHER_BEARER)]
    told = {kind for _, kind in own}
    introduced = sorted([*own, *_kinds_of_longer(key, groups, kinds)]) if len(told) > 1 else []
    bearers: dict[Bearer, list[Mention]] = defaultdict(list)
    for mention in group:
        kind = kinds.get(mention.id)
        if kind == cues.OTHER_BEARER and len(group) > 1:
            bearer = (f"{cues.OTHER_BEARER} {mention.span.start}", "")
        elif introduced:
            kind = kind or _nearest(introduced, mention.span.start)
            bearer = (kind, kind)
        else:
            bearer = ("acronym" if by_case and mention.text.isupper() else "", min(told, default=""))
        bearers[bearer].append(mention)
    return dict(bearers)


def _kinds_of_longer(
    key: str, groups: Mapping[str, Sequence[Mention]], kinds: Mapping[str, str]
) -> list[tuple[int, str]]:
    """Longer names that hold this one introduce it too: "Project Mercury" before "Mercury"."""
    return [
        (m.span.start, kinds.get(m.id) or cues.kind_in_name(m.text.lower().split()) or surface(m))
        for longer, mentions in groups.items()
        if _holds(longer, key)
        for m in mentions
    ]


def _nearest(introduced: Sequence[tuple[int, str]], start: int) -> str:
    """The last kind before ``start``, or the first after it: a document speaks on of what it spoke of."""
    before = [kind for at, kind in introduced if at <= start]
    return before[-1] if before else introduced[0][1]


def _local(key: str, sense: str, bearer: str, kind: str, mentions: Sequence[Mention]) -> LocalName:
    count = Counter(mention.type for mention in mentions)
    name = parse(canonical_name([surface(mention) for mention in mentions]), key)
    return LocalName(
        document_id=mentions[0].document_id,
        key=key,
        sense=sense,
        bearer=bearer,
        kind=kind,
        name=name,
        type=canonical_type(mentions),
        persons=count["person"] / len(mentions),
        mentions=tuple(mentions),
    )
