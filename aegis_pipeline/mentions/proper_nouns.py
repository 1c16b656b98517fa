"""Names that the named-entity model gives no label: repeats of names it found, and runs of proper nouns.

Both were chosen on Re-DocRED dev 300-499, where repeats take span F1 from .835 to .842 and runs to .853;
docs/results/mentions.json has the figures of the bare model and of all of phase 1 on 0-299.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aegis_pipeline.mentions.labels import numeric_labels
from aegis_pipeline.mentions.marks import Mark, overlaps
from aegis_pipeline.mentions.words import words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_WORD = re.compile(r"\w+")
_SHORTEST_REPEAT = 3
_LONGEST_WORD = 64


def names_of(marked: Iterable[tuple[str, Sequence[Mark]]]) -> dict[str, str]:
    """The names that one document's marks give, with the label each has most often."""
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for text, marks in marked:
        for mark in marks:
            name = text[mark.start : mark.end]
            if mark.label not in numeric_labels() and len(name) >= _SHORTEST_REPEAT and name[0].isupper():
                labels[name][mark.label] += 1
    return {name: min(count, key=lambda label: (-count[label], label)) for name, count in labels.items()}


def repeats(text: str, marks: Sequence[Mark], names: dict[str, str]) -> list[Mark]:
    """Places where a name of the same document stands unmarked; the longest name wins. ``marks`` are sorted."""
    by_first_word: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=lambda name: (-len(name), name)):
        if first := _WORD.match(name):
            by_first_word[first[0]].append(name)
    found: list[Mark] = []
    for word in _WORD.finditer(text):
        start = word.start()
        if word[0] not in by_first_word or overlaps(start, word.end(), marks) or (found and found[-1].end > start):
            continue
        for name in by_first_word[word[0]]:
            end = start + len(name)
            if text.startswith(name, start) and not text[end : end + 1].isalnum() and not overlaps(start, end, marks):
                found.append(Mark(start, end, names[name], "repeat"))
                break
    return found


def unlabelled_names(doc: "Doc", marks: Sequence[Mark]) -> list[Mark]:
    """Runs of proper nouns that stand alone, next to neither a mark nor a word that joins names: more of these are
    names than not. ``marks`` are sorted and lie in ``doc``'s text."""
    found = []
    for run in _runs(doc, marks):
        start, end = run[0].idx, run[-1].idx + len(run[-1])
        if not _joined(doc, run) and not overlaps(start - 2, end + 2, marks):
            found.append(Mark(start, end, "MISC", "proper_noun"))
    return found


def _runs(doc: "Doc", marks: Sequence[Mark]) -> list[list["Token"]]:
    runs: list[list[Token]] = []
    last = None
    for token in doc:
        if not _is_name(token) or overlaps(token.idx, token.idx + len(token), marks):
            continue
        if last is not None and token.i == last.i + 1 and last.whitespace_ and not token.is_sent_start:
            runs[-1].append(token)
        else:
            runs.append([token])
        last = token
    return runs


def _is_name(token: "Token") -> bool:
    """A proper noun in capitals; a title is none, nor is a "word" that is too long to be one."""
    text = token.text
    if token.pos_ != "PROPN" or not 1 < len(text) <= _LONGEST_WORD or not text[0].isupper():
        return False
    return text.lower().rstrip(".") not in words("titles")


def _joined(doc: "Doc", run: Sequence["Token"]) -> bool:
    first, last = run[0].i, run[-1].i
    before = first > 0 and doc[first - 1].text in words("joining")
    return before or (last + 1 < len(doc) and doc[last + 1].text in words("joining"))
