"""Where a mention begins and ends: what spaCy's models take in too much, or take as one where there are two.

Chosen on Re-DocRED dev 300-499, where they take span F1 from .804 to .827; docs/results/mentions.json has those of the
bare model and of all of phase 1 on 0-299.
"""

import re

from aegis_pipeline.mentions.marks import Mark

# Labels whose mentions are values: "about 200" is 200, "early 1930s" is 1930s.
VALUES = frozenset({"DATE", "TIME", "CARDINAL", "QUANTITY", "MONEY", "PERCENT"})
_BEFORE_A_VALUE = re.compile(
    r"(?:about|around|over|more than|less than|fewer than|at least|at most|up to|as many as|approximately|approx\.?|"
    r"almost|nearly|roughly|circa|ca?\.|only|just|some|between|early|late|mid|(?:the )?end of|the|every|each|from|in|"
    r"of|since|until|by|under|years?(?=\s+\d))[\s-]+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|an|a)\s+", re.IGNORECASE)
_OPENING = re.compile(r"""(?:[\s"'“”„‘’«»(\[{<,;:–—#*]|[-−](?!\d))+""")
_CLOSING = re.compile(r"""(?:[\s"“”„‘’«»(\[{<,;:–—-]|['’]s|')+\Z""")
_PAIRS = {")": "(", "]": "[", "}": "{"}
# Both ends need three digits: "1946-1950" is two years, "1997-8" and "5-10" are one.
_RANGE = re.compile(r"(?<=\d)\s*(?:[-–—]|\bto\b|\band\b|\bor\b)\s*(?=.*\d{3})")
_CURRENCIES = frozenset("$£€¥")
_HAS_YEAR = re.compile(r"\d{3}")


def tidy(text: str, mark: Mark) -> list[Mark]:
    """The mark without articles, quotes, loose brackets, possessive 's and (for values) words such as "about"; money
    with the sign before it; a range of years as two. Empty where nothing but such things was marked."""
    start, end = _trim(text, mark.start, mark.end, mark.label in VALUES)
    if not any(character.isalnum() for character in text[start:end]):
        return []
    if mark.label == "MONEY" and text[start - 1 : start] in _CURRENCIES:
        start -= 1
    if mark.label not in ("DATE", "CARDINAL"):
        return [mark._replace(start=start, end=end)]
    return [mark._replace(start=a, end=b) for a, b in _ends_of_range(text, start, end)]


def _trim(text: str, start: int, end: int, is_value: bool) -> tuple[int, int]:
    before = -1, -1
    while before != (start, end):
        before = start, end
        for pattern in (_OPENING, _ARTICLE, *([_BEFORE_A_VALUE] if is_value else [])):
            if found := pattern.match(text, start, end):
                start = found.end()
        end = _closing(text, start, end)
    return start, end


def _closing(text: str, start: int, end: int) -> int:
    """The end without closing quotes, possessive 's, a bracket that was never opened, or what one that is never closed
    begins: "Signal and Control (ISC" is a name and the beginning of another."""
    if found := _CLOSING.search(text[start:end]):
        return start + found.start()
    for closing, opening in _PAIRS.items():
        opened = text.rfind(opening, start, end)
        if opened > start and closing not in text[opened:end]:
            return opened
    last = text[end - 1 : end]
    unopened = last in _PAIRS and text.count(last, start, end) > text.count(_PAIRS[last], start, end)
    return end - 1 if unopened else end


def _ends_of_range(text: str, start: int, end: int) -> list[tuple[int, int]]:
    parts = []
    for found in _RANGE.finditer(text, start, end):
        if _HAS_YEAR.search(text, start, found.start()):
            parts.append((start, found.start()))
            start = found.end()
    return [*parts, (start, end)]
