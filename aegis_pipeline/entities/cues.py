"""What a text says of its names: that two are one ("NATO (North …)", "formerly"), and what kind of thing one is of."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from aegis_pipeline.entities.sentences import Placed

BRACKET, ALIAS, LIST = "bracket", "alias", "list"
# Another bearer of a name than the one that the document speaks of.
OTHER_BEARER = "other bearer"

_NAMES_APART = 60  # characters between two names that a phrase may join
_NEXT_NAMES = 3
_NEAR = 120  # characters before a name in which a noun with its article and three words stands
_QUOTES = "\"'“”‘’"
_ALIAS = re.compile(
    rf"^[\s{_QUOTES},;:(\[]*(?:"
    r"(?:was |is |were |are |also |better |formerly |previously |originally |commonly |often |sometimes |later |now "
    r"|then |still |who is |which is )+(?:known|called|named|renamed|abbreviated|referred to|titled|billed|credited"
    r"|written|spelled|stylized|nicknamed)(?: as| to| simply| by)*(?: the)?"
    r"|(?:also |still |originally )?(?:stands? for|stood for|short for|abbreviation of"
    r"|abbreviation for|known as)(?: the)?"
    r"|formerly|née|born|aka|a\.k\.a\.|alias|or|i\.e\.|previously|originally|abbr\.?|the letters)"
    rf"[\s{_QUOTES},:(]*(?:the |its |his |her )?(?:stage |ring |pen |nick)?(?:name )?(?:as )?[{_QUOTES}]*$",
    re.IGNORECASE,
)
# Possessive (*+): there is one way to read a run of commas, and not one for each way to group them.
_BRACKET = re.compile(
    rf"^[{_QUOTES}]?\s*\((?:[^():;,]{{0,40}}[:;,]\s*+|the |or |also |formerly |now |then |abbreviated |known as "
    rf"|abbr\.? )*+[{_QUOTES}]?$",
    re.IGNORECASE,
)
_BRACKET_ENDS = re.compile(rf"[{_QUOTES}]?\s*[),;]")
_LIST = re.compile(r"\s*(?:,| and | or |, and |/|&| vs\.? )\s*(?:the )?")


def pair_cues(sentence: Sequence[Placed]) -> Iterator[tuple[Placed, Placed, str]]:
    """Two mentions of one sentence and how the words between join them: one stands in brackets behind the other, a
    phrase says that both are one, or they are members of a list."""
    for at, first in enumerate(sentence):
        for distance, second in enumerate(sentence[at + 1 : at + 1 + _NEXT_NAMES]):
            gap = first.mention.context[first.end : second.start]
            if len(gap) > _NAMES_APART:
                break
            if _BRACKET.match(gap) and _BRACKET_ENDS.match(second.after):
                yield first, second, BRACKET
            elif gap.strip() and _ALIAS.match(gap):
                yield first, second, ALIAS
            elif distance == 0 and _LIST.fullmatch(gap):
                yield first, second, LIST


def may_tell(sentence: str) -> bool:
    """Whether any word of the sentence says a kind, so that ``kind`` is worth asking; most have none."""
    return _telling().search(sentence) is not None


def kind(placed: Placed) -> str | None:
    """What kind of thing the words around say that the name is of ("the planet Mercury"): a line of
    ``descriptors.toml``, OTHER_BEARER ("the other Cambridge"), or nothing."""
    nouns, before_name, after_name, called, is_name = _patterns()
    before, after = placed.before, placed.after
    near = before[-_NEAR:]
    last = (near.rstrip(_QUOTES + " ").rsplit(None, 1) or [""])[-1].lower()  # asked first: most words begin no pattern
    if last in _OTHER_ENDS and _OTHER.search(near):
        return OTHER_BEARER
    if near.endswith("(") and after.startswith(":"):
        return "language"
    found = (
        (before_name.search(near) if last in nouns and _NAME_ENDS.match(after) else None)
        or after_name.match(after)
        or ((called.search(before) or is_name.search(before)) if last in _VERB_ENDS else None)
    )
    return nouns[found["noun"].lower()] if found else None


def kind_in_name(words: Sequence[str]) -> str | None:
    """The kind that a name says itself by its first or last word: "Project Mercury"."""
    nouns = _patterns()[0]
    return next((nouns[word] for word in (words[0], words[-1]) if word in nouns), None) if words else None


_OTHER = re.compile(rf"\b(?:the other|an older|a different|no relation to|not to be confused with)\s+[{_QUOTES}]?$")
_OTHER_ENDS = frozenset({"other", "older", "different", "to", "with"})
# The last words of both patterns of a name that follows its verb.
_VERB_ENDS = frozenset({"called", "named", "as", "name", "of", "christened", "dubbed", "is", "was", "the", "a", "an"})


@lru_cache(maxsize=1)
def _telling() -> re.Pattern[str]:
    """A noun that is a kind, the beginning of ``_OTHER``, or a bracket as before a language."""
    words = "|".join(sorted(map(re.escape, _patterns()[0])))
    return re.compile(
        rf"\b(?:{words}|the other|an older|a different|no relation|not to be confused)\b|\(", re.IGNORECASE
    )


_NAME_ENDS = re.compile(
    rf"[{_QUOTES}]?(?:\s*[,.;:!?)]|\s+(?:is|was|are|were|and|or|in|at|of|from|for|by|to|with|on|has|had|which|that)\b|$)"
)
Patterns = tuple[dict[str, str], re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]


@lru_cache(maxsize=1)
def _patterns() -> Patterns:
    """Noun → kind, and where a noun stands: before the name, behind it, in "a noun called Name", in "a noun is
    Name"."""
    text = files("aegis_pipeline.entities").joinpath("descriptors.toml").read_text(encoding="utf-8")
    kinds: dict[str, list[str]] = tomllib.loads(text)["kinds"]
    nouns = {noun.lower(): kind for kind, words in kinds.items() for noun in words}
    # ASCII, or the noun found may be none of these: without regard to case "ſ" is an "s".
    noun = rf"(?P<noun>(?a:{'|'.join(sorted(map(re.escape, nouns), key=len, reverse=True))}))"
    article = r"(?:the|an?|this|that|its|his|her|their|our|one of the)\s+"
    modifiers = r"(?:(?!of\b|in\b|for\b|by\b|from\b|with\b|at\b)[\w'’-]+\s+)"
    after = "that|which|who|of|in|for|from|by|with|to|on|at|and|when|where|[a-z]+ed"
    head = rf"{noun}\b(?=\s*[,.;:!?)]|\s+(?:{after})\b|\s*$)"
    flags = re.IGNORECASE
    return (
        nouns,
        re.compile(rf"\b{article}{modifiers}{{0,3}}?{noun}\s+[{_QUOTES}]?$", flags),
        re.compile(
            rf"[{_QUOTES}]?(?:,\s+(?:an?|one of the)\s+|(?::\s+|\s+\(|\s+(?:is|was|are|were)\s+){article})"
            rf"{modifiers}{{0,5}}?{head}",
            flags,
        ),
        re.compile(
            rf"\b{noun}\b[^.;]{{0,40}}?\b(?:called|named|known as|under the name(?: of)?|christened|dubbed)\s+"
            rf"(?:the\s+|an?\s+)?[{_QUOTES}]?$",
            flags,
        ),
        re.compile(
            rf"(?:^|[,;]\s|\b(?:and|but)\s+){article}{modifiers}{{0,4}}?{noun}\b(?!['’]|\s+of\b)[^.;]{{0,60}}?"
            rf"\b(?:is|was)\s+(?:an?\s+)?[{_QUOTES}]?$",
            flags,
        ),
    )
