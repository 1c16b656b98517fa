"""A name taken apart: words, titles, initials, and what two spellings have in common."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aegis_pipeline.entities.word_lists import COMPANY, GENERATIONS, LINKING, TITLES

_BETWEEN_WORDS = re.compile(r"[\s\-/,.()]+")
_DIGITS = re.compile(r"\d+")
_ACRONYM = re.compile(r"[A-Z][A-Za-z&]*[A-Z][A-Z0-9&]*s?|[A-Z]{2,}\d*")
_LONGEST_ACRONYM = 10
_MOST_OF_A_WORD = 4  # letters of an acronym that one word gives
_ALIKE = 0.6  # likeness from which on two names are spellings of one


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling of a name. ``core`` are its words without titles, ``acronym`` its letters in lower case where it is
    written as an acronym, else empty."""

    surface: str
    key: str
    words: tuple[str, ...]
    core: tuple[str, ...]
    digits: tuple[str, ...]
    acronym: str


@lru_cache(maxsize=1 << 16)
def parse(surface: str, key: str) -> Name:
    """``surface`` as it is written on one line, ``key`` as ``normalise`` gives it."""
    words = tuple(word for word in _BETWEEN_WORDS.split(folded(key)) if word)
    core = tuple(word for word in words if word not in TITLES) or words
    return Name(surface, key, words, core, tuple(_DIGITS.findall(key)), _acronym(surface))


def folded(text: str) -> str:
    """``text`` without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def _acronym(surface: str) -> str:
    letters = surface.replace(".", "").replace("-", "")
    if len(letters) > _LONGEST_ACRONYM or not _ACRONYM.fullmatch(letters):
        return ""
    plural = letters[-1] == "s" and len(letters) > 2
    return folded(letters.replace("&", "")).lower().removesuffix("s" if plural else "")


@lru_cache(maxsize=1 << 14)
def trigrams(key: str) -> frozenset[str]:
    """Every three signs that follow each other, a space on both sides of the name."""
    padded = f" {folded(key)} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def likeness(one: str, other: str) -> float:
    """Jaccard similarity of two keys' trigrams, in [0, 1]."""
    first, second = trigrams(one), trigrams(other)
    return len(first & second) / max(1, len(first | second))  # a key of accents alone has none


def initials(name: Name) -> set[str]:
    """What the name's initials may be: of all words, without linking words, and without the company's kind too. Empty
    for a name without other words."""
    content = [word for word in name.words if word not in LINKING]
    without_kind = [word for word in content if word not in COMPANY]
    return {"".join(word[0] for word in words) for words in (name.words, content, without_kind) if words}


def has_initials(acronym: Name, full: Name) -> bool:
    """The acronym's letters are the first letters of the full name's words."""
    return len(full.words) > 1 and acronym.acronym != "" and acronym.acronym in initials(full)


def may_abbreviate(acronym: Name, full: Name) -> bool:
    """The acronym's letters can be read from the full name: words give their first letter and up to three more in
    order, or are left out, but the first is not (the idea of Schwartz and Hearst 2003)."""
    letters = acronym.acronym
    return len(full.words) > 1 and letters != "" and _can_be_read(letters, full.words)


def _can_be_read(letters: str, words: Sequence[str]) -> bool:
    """Word by word, how many letters may have been read: few numbers, where the ways to read them are many."""
    reached = set(_after(letters, 0, words[0]))
    for word in words[1:]:
        reached |= {end for start in reached for end in _after(letters, start, word)}
    return len(letters) in reached


def _after(letters: str, start: int, word: str) -> Iterator[int]:
    """Where reading may go on when ``word`` gives the letters from ``start`` on."""
    for end in range(start + 1, min(start + _MOST_OF_A_WORD, len(letters)) + 1):
        if _in_order(letters[start:end], word):
            yield end


def _in_order(letters: str, word: str) -> bool:
    """``letters`` begin ``word`` and follow in it in their order."""
    if word[0] != letters[0]:
        return False
    rest = iter(word[1:])
    return all(letter in rest for letter in letters[1:])


def is_part(short: Name, full: Name) -> bool:
    """Every word of ``short`` is one of ``full``, and ``full`` has more. A name without words is part of none."""
    return bool(short.core) and set(short.core) < set(full.core)


def share_initials(one: Name, other: Name) -> bool:
    """Two unlike names of several words with the same initials: what an acronym stands for in two senses."""
    if len(one.words) < 2 or len(other.words) < 2 or is_part(one, other) or is_part(other, one):
        return False
    return bool(initials(one) & initials(other)) and likeness(one.key, other.key) < _ALIKE


def given_names_clash(one: Name, other: Name) -> bool:
    """Two persons' names with one family name whose given names cannot be the same person's: "Tom" and "Ann", not "T."
    and "Tom"."""
    first, second = one.core[:-1], other.core[:-1]
    if one.core[-1:] != other.core[-1:] or not first or not second:
        return False
    return not (set(first) & set(second) or _may_be_initial(first[0], second[0]))


def persons_clash(one: Name, other: Name) -> bool:
    """Two persons' names that no one person has: clashing given names, or unlike generations ("Jr." and "Sr.")."""
    generations = {word for name in (one, other) for word in name.words[-1:]} & GENERATIONS
    return given_names_clash(one, other) or len(generations) > 1


def _may_be_initial(one: str, other: str) -> bool:
    return one[0] == other[0] and min(len(one), len(other)) == 1
