"""The normalised key of a name: what is left when spelling, case and punctuation are not counted."""

import re
import unicodedata
from functools import lru_cache

_POSSESSIVE = re.compile(r"['’]s?(?=\s|$)")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.\s?)+(?:[^\W\d_]\b(?!['’]))?")
_DOT_AFTER_WORD = re.compile(r"(?<=[^\W\d_])\.(?=\s|$|,)")
_DASHES = re.compile(r"[‐‑‒–—―]")
_QUOTES = re.compile(r"[\"“”„«»‘`´]")
# Only this one: "a" may be the initial of "A. Turing", and "an" a name of "An Wang".
_ARTICLE = re.compile(r"^the\s+(?=\S)")
_EDGE = " \t\n,;:!?'’()[]{}*"


@lru_cache(maxsize=1 << 17)
def normalise(name: str) -> str:
    """The key of a name; applying it twice changes nothing, and a name that has nothing else keeps its characters.

    "The U.S. Navy's" is "us navy", "AT&T" "at and t". Digits, and the signs between and before them, are never touched:
    "1.5" and "15", "-3" and "3" stay apart.
    """
    text = name
    while (shorter := _once(text)) != text:
        text = shorter
    return text or " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _once(name: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    text = _QUOTES.sub("", _DASHES.sub("-", text)).replace("&", " and ")
    text = _POSSESSIVE.sub("", text)
    text = _INITIALS.sub(_joined_initials, text)
    text = _DOT_AFTER_WORD.sub("", text)
    return _ARTICLE.sub("", " ".join(text.split()).strip(_EDGE))


def _joined_initials(found: re.Match[str]) -> str:
    """ "u.s." is "us", "j. r. r. " is "jrr "; one letter with a dot stays an initial of its own."""
    letters = "".join(character for character in found[0] if character.isalpha())
    return letters + (" " if found[0][-1].isspace() else "")
