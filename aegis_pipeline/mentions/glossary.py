"""The user's own names: reading them from a file, and finding them in a text."""

import json
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aegis_pipeline.errors import InputError
from aegis_pipeline.mentions.marks import Mark, without_overlaps

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_LONGEST_ACRONYM = 4


class GlossaryEntry(BaseModel):
    """One name of the glossary: its type (a spaCy label or a word of the user's own) and its other names."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, str_min_length=1)

    name: str
    type: str
    aliases: tuple[str, ...] = Field(default=())


def load_glossary(path: Path) -> tuple[GlossaryEntry, ...]:
    """The entries of a TOML file (``[[entry]]`` tables) or of a JSONL file (one object a line).

    Raises:
        InputError: the file cannot be read, or an entry is not valid; the message names the place and the fields.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = _toml_rows(text) if path.suffix.lower() == ".toml" else _jsonl_rows(text)
        return tuple(_entry(path, where, row) for where, row in rows)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"The glossary {path} cannot be read: {error}. {_FORM}") from error


_FORM = (
    "It is TOML with [[entry]] tables, or JSONL with one object a line; fields: name and type (text), aliases (a list "
    "of texts, may be left out)."
)


def _toml_rows(text: str) -> list[tuple[str, Any]]:
    rows = tomllib.loads(text).get("entry", [])
    return [(f"entry {k}", row) for k, row in enumerate(rows if isinstance(rows, list) else [rows], start=1)]


def _jsonl_rows(text: str) -> list[tuple[str, Any]]:
    rows = []
    for k, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                rows.append((f"line {k}", json.loads(line)))
            except json.JSONDecodeError as error:
                raise json.JSONDecodeError(f"line {k} is no JSON: {error.msg}", line, error.pos) from error
    return rows


def _entry(path: Path, where: str, row: Any) -> GlossaryEntry:
    try:
        return GlossaryEntry.model_validate(row)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'entry'}: {f['msg']}" for f in error.errors())
        raise InputError(f"The glossary {path}, {where}: {faults}. {_FORM}") from error


def same_names(entries: Iterable[GlossaryEntry]) -> dict[str, str]:
    """Alias → name, for linking: the names of one entry are names of one thing."""
    return {alias: entry.name for entry in entries for alias in entry.aliases}


class GlossaryMatcher:
    """Finds glossary names in a tokenized text: acronyms of up to four letters as they are written, other names in any
    case. The longest match wins."""

    def __init__(self, entries: Sequence[GlossaryEntry], nlp: "Language") -> None:
        from spacy.matcher import PhraseMatcher

        self._exact = PhraseMatcher(nlp.vocab, attr="ORTH")
        self._any_case = PhraseMatcher(nlp.vocab, attr="LOWER")
        for entry in entries:
            for name in (entry.name, *entry.aliases):
                matcher = self._exact if _is_acronym(name) else self._any_case
                matcher.add(entry.type, [nlp.make_doc(name)])

    def marks(self, doc: "Doc") -> list[Mark]:
        """Every match that lies in one sentence, sorted."""
        spans = [span for matcher in (self._exact, self._any_case) for span in matcher(doc, as_spans=True)]
        longest_first = sorted(spans, key=lambda span: (span.start_char - span.end_char, span.start_char, span.label_))
        return without_overlaps(
            Mark(span.start_char, span.end_char, span.label_, "glossary")
            for span in longest_first
            if not any(token.is_sent_start for token in span[1:])
        )


def _is_acronym(name: str) -> bool:
    return len(name) <= _LONGEST_ACRONYM and name.isupper()
