"""Bytes to text: byte order marks first, then UTF-8, then what charset-normalizer finds in a bounded sample."""

import codecs
import re

from charset_normalizer import from_bytes

from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus

_SAMPLE_BYTES = 65_536
_BEFORE_BYTES = 1_024
_CONTROL_SHARE_MAX = 0.02
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
# UTF-32 before UTF-16: the mark of UTF-16-LE is the beginning of that of UTF-32-LE.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text of ``data`` and the name of its encoding; ``declared`` is what an HTML page says of itself.

    Raises:
        DocumentError: ``malformed`` where the bytes are no text at all, ``undecodable`` where no encoding fits.
    """
    encoding = _marked(data) or _wide(data) or _first_that_decodes(data, ("utf-8", declared)) or _guessed(data)
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise DocumentError(
            DocumentStatus.UNDECODABLE, f"the bytes are not valid {encoding}; save the file as UTF-8 and run again"
        ) from None
    _refuse_binary(text, encoding)
    return text, codecs.lookup(encoding).name.removesuffix("-sig")


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte is NUL, always on the same side; other NULs mean binary."""
    if b"\0" not in data:
        return None
    even, odd = (data[side:_SAMPLE_BYTES:2].count(0) for side in (0, 1))
    pairs = max(1, min(len(data), _SAMPLE_BYTES) // 2)
    for nulls, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if nulls > 0.4 * pairs and others < 0.05 * pairs and _first_that_decodes(data, (name,)):
            return name
    raise DocumentError(
        DocumentStatus.MALFORMED, "binary content (NUL bytes) in a text file; give it the extension of its format"
    )


def _first_that_decodes(data: bytes, encodings: tuple[str | None, ...]) -> str | None:
    for encoding in filter(None, encodings):
        try:
            data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        return encoding
    return None


def _guessed(data: bytes) -> str:
    """What fits a sample best; Windows-1252 where it fits no worse: on short texts nothing but the order of tables
    decides between it and the others (cp1250 for French, Big5 for one typographic apostrophe)."""
    sample = _sample(data)
    best = from_bytes(sample).best()
    if best is None:
        raise DocumentError(
            DocumentStatus.UNDECODABLE, "no text encoding fits the bytes; save the file as UTF-8 and run again"
        )
    western = from_bytes(sample, cp_isolation=["cp1252"]).best()
    if western is not None and western.chaos <= best.chaos and western.coherence >= best.coherence:
        return western.encoding
    return best.encoding


def _sample(data: bytes) -> bytes:
    """Up to 64 KiB from just before the first byte beyond ASCII (ASCII says nothing), cut at a space."""
    first = re.search(rb"[\x80-\xff]", data)
    begin = max(0, first.start() - _BEFORE_BYTES) if first else 0
    sample = data[begin : begin + _SAMPLE_BYTES]
    end = max(sample.rfind(b"\n"), sample.rfind(b" "))
    return sample[:end] if len(sample) == _SAMPLE_BYTES and end > 0 else sample


def _refuse_binary(text: str, encoding: str) -> None:
    controls = len(_CONTROLS.findall(text))
    if "\0" in text or controls > _CONTROL_SHARE_MAX * len(text):
        raise DocumentError(
            DocumentStatus.MALFORMED,
            f"binary content in a text file: {controls} of {len(text)} characters, read as {encoding}, are control "
            "characters; give the file the extension of its format",
        )
