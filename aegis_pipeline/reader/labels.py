"""The types of names that the reader knows, and the marks that its networks give to pieces of words."""

from collections.abc import Iterable, Sequence

TYPES = ("PER", "ORG", "LOC", "TIME", "NUM", "MISC")
LABELS = ("PERSON", "ORG", "LOC", "DATE", "CARDINAL", "MISC")
"""What the rest of the project calls these types: spaCy's labels."""

_KINDS = {
    **dict(zip(LABELS, range(len(TYPES)), strict=True)),
    **dict.fromkeys(("PER",), TYPES.index("PER")),  # pipelines of languages other than English
    **dict.fromkeys(("GPE", "FAC", "NORP"), TYPES.index("LOC")),
    **dict.fromkeys(("TIME",), TYPES.index("TIME")),
    **dict.fromkeys(("PERCENT", "MONEY", "QUANTITY", "ORDINAL"), TYPES.index("NUM")),
}

LANGUAGE = "en"
"""What the reader reads: it is trained on English."""

OUTSIDE = 0
MARKS = 1 + 2 * len(TYPES)
"""How many marks there are: outside, and begin and inside of each type (the BIO scheme)."""

TypedSpan = tuple[int, int, int]
"""First, end (exclusive), and the place of the type in ``TYPES``."""


def kind_of(label: str) -> int:
    """The place in ``TYPES`` of a mention's label; a label of the user's own is ``MISC``."""
    return _KINDS.get(label, TYPES.index("MISC"))


def begin_mark(kind: int) -> int:
    """The mark of the first piece of a name of the type ``TYPES[kind]``."""
    return 1 + 2 * kind


def inside_mark(kind: int) -> int:
    """The mark of its other pieces."""
    return 2 + 2 * kind


def to_marks(spans: Iterable[TypedSpan], length: int) -> list[int]:
    """A mark for each of ``length`` places; spans must not overlap."""
    marks = [OUTSIDE] * length
    for first, end, kind in spans:
        marks[first:end] = [begin_mark(kind), *[inside_mark(kind)] * (end - first - 1)]
    return marks


def from_marks(marks: Sequence[int]) -> list[TypedSpan]:
    """The spans that the marks say; an inside that continues nothing of its type begins a span."""
    spans: list[TypedSpan] = []
    for place, mark in enumerate(marks):
        if mark == OUTSIDE:
            continue
        kind, is_inside = divmod(mark - 1, 2)
        if is_inside and spans and spans[-1][1:] == (place, kind):
            spans[-1] = (spans[-1][0], place + 1, kind)
        else:
            spans.append((place, place + 1, kind))
    return spans
