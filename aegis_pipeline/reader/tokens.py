"""Text to word pieces, each with its characters and the case that an uncased encoder does not see."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class Case(IntEnum):
    """How a piece of a word is written; padding and special tokens are ``NONE``."""

    NONE = 0
    LOWER = 1
    CAPITALISED = 2
    UPPER = 3
    MIXED = 4
    DIGITS = 5


@dataclass(frozen=True, slots=True)
class Tokens:
    """The word pieces of one text, without special tokens: four sequences of one length.

    ``spans`` are characters of the text, end exclusive; ``begins`` says which pieces are the first of their word.
    """

    ids: tuple[int, ...]
    cases: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    begins: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, first: int, end: int) -> "Tokens":
        """The pieces from ``first`` up to ``end``; a part that begins within a word begins one."""
        begins = (True, *self.begins[first + 1 : end]) if first < end else ()
        return Tokens(self.ids[first:end], self.cases[first:end], self.spans[first:end], begins)


class ReaderTokenizer:
    """The encoder's tokenizer as the reader needs it. Safe for threads: nothing in it changes."""

    def __init__(self, tokenizer: "Tokenizer") -> None:
        """``tokenizer`` must neither cut nor pad."""
        self._tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self.first, self.last = vocabulary["[CLS]"], vocabulary["[SEP]"]

    def read(self, text: str) -> Tokens:
        """Every piece of the text, in order."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        words = encoding.word_ids
        return Tokens(
            ids=tuple(encoding.ids),
            cases=tuple(case_of(text[start:end]) for start, end in encoding.offsets),
            spans=tuple(encoding.offsets),
            begins=tuple(k == 0 or words[k] != words[k - 1] for k in range(len(words))),
        )


def case_of(piece: str) -> Case:
    """How a piece is written. One capital letter alone is ``CAPITALISED``."""
    if any(map(str.isdigit, piece)):
        return Case.DIGITS
    if not any(map(str.isalpha, piece)):
        return Case.NONE
    if piece.islower():
        return Case.LOWER
    if piece[0].isupper() and (len(piece) == 1 or piece[1:].islower()):
        return Case.CAPITALISED
    return Case.UPPER if piece.isupper() else Case.MIXED
