"""The bytes of one file to its text. Pure, but only ever called within the limits of a parse child (worker.py)."""

import re
from dataclasses import dataclass

from aegis_pipeline.documents.decoding import decode
from aegis_pipeline.documents.docx import docx_to_text
from aegis_pipeline.documents.formats import Format, detect_format
from aegis_pipeline.documents.markup import html_to_text, markdown_to_text
from aegis_pipeline.documents.pdf import pdf_to_text
from aegis_pipeline.documents.sanitize import sanitize
from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_CHARSET_WITHIN = 4096


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one parse may use: seconds of wall and processor time, bytes of memory, characters and pages of result."""

    seconds: float
    memory_bytes: int
    characters: int
    pages: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """The sanitised text of one file; ``note`` says what of it could not be read, if anything."""

    text: str
    format: str
    encoding: str | None = None
    note: str | None = None


def parse(data: bytes, expected: Format, limits: ParseLimits) -> Parsed:
    """The text of ``data``, sanitised as LightRAG will.

    Raises:
        DocumentError: it cannot be read; ``status`` and message say why.
    """
    if not data.strip():
        raise DocumentError(DocumentStatus.EMPTY, "the file is empty")
    found = detect_format(data, expected)
    text, encoding, note = _READERS[found](data, limits)
    text = sanitize(text)
    if not text:
        raise DocumentError(DocumentStatus.EMPTY, _NO_TEXT.get(found, "no text in the file"))
    if not any(map(str.isalnum, text)):
        raise DocumentError(DocumentStatus.EMPTY, "not one letter or digit in the file")
    if len(text) > limits.characters:
        raise DocumentError(
            DocumentStatus.TOO_LARGE,
            f"{len(text):,} characters, at most {limits.characters:,}; split it or raise MAX_DOCUMENT_CHARACTERS",
        )
    return Parsed(text, found, encoding, note)


_NO_TEXT = {Format.PDF: "no text on any page; scanned pages need text recognition (OCR) first"}


def _read_text(data: bytes, _: ParseLimits) -> tuple[str, str | None, str | None]:
    return *decode(data), None


def _read_markdown(data: bytes, _: ParseLimits) -> tuple[str, str | None, str | None]:
    text, encoding = decode(data)
    return markdown_to_text(text), encoding, None


def _read_html(data: bytes, _: ParseLimits) -> tuple[str, str | None, str | None]:
    declared = _CHARSET.search(data[:_CHARSET_WITHIN])
    text, encoding = decode(data, declared[1].decode("ascii") if declared else None)
    return html_to_text(text), encoding, None


def _read_pdf(data: bytes, limits: ParseLimits) -> tuple[str, str | None, str | None]:
    text, note = pdf_to_text(data, limits.pages, limits.characters)
    return text, None, note


def _read_docx(data: bytes, _: ParseLimits) -> tuple[str, str | None, str | None]:
    return docx_to_text(data), None, None


_READERS = {
    Format.TXT: _read_text,
    Format.MD: _read_markdown,
    Format.HTML: _read_html,
    Format.PDF: _read_pdf,
    Format.DOCX: _read_docx,
}
