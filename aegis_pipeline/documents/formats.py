"""Which format a file has: its extension says what it should be, its first bytes what it is."""

import re
from enum import StrEnum
from pathlib import PurePosixPath

from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus


class Format(StrEnum):
    """The formats that are read."""

    TXT = "txt"
    MD = "md"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


EXTENSIONS = {
    ".txt": Format.TXT,
    ".text": Format.TXT,
    ".md": Format.MD,
    ".markdown": Format.MD,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
}

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HTML = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.I | re.S)
_PDF_HEADER_WITHIN = 1024
_BINARY_SIGNATURES = {
    _OLE2: "an old Office file (doc, xls, ppt)",
    b"{\\rtf": "RTF",
    b"%!PS": "PostScript",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"RIFF": "a RIFF file (WebP, WAV, AVI)",
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"fLaC": "a FLAC file",
    b"\x1aE\xdf\xa3": "a Matroska video",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\x7fELF": "a program (ELF)",
    b"MZ\x90\0": "a program (Windows)",
    b"\xca\xfe\xba\xbe": "a program (Java or macOS)",
    b"\xcf\xfa\xed\xfe": "a program (macOS)",
    b"\0asm": "a program (WebAssembly)",
    b"SQLite format 3\0": "an SQLite database",
    b"PAR1": "a Parquet file",
}


def expected_format(path: str) -> Format:
    """The format that the extension of ``path`` stands for.

    Raises:
        DocumentError: ``unsupported_format``, naming the valid extensions.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in EXTENSIONS:
        found = f"extension {suffix!a}" if suffix else "no extension"
        raise DocumentError(
            DocumentStatus.UNSUPPORTED_FORMAT, f"{found}; valid ones are {' '.join(EXTENSIONS)}: rename or convert it"
        )
    return EXTENSIONS[suffix]


def detect_format(data: bytes, expected: Format) -> Format:
    """The format of ``data``: the content decides where it says more than the extension.

    Raises:
        DocumentError: ``encrypted``, ``malformed`` or ``unsupported_format``, saying what was found.
    """
    if _is_pdf(data, expected):
        return Format.PDF
    if data.startswith(_ZIP):
        return Format.DOCX  # its reader says so where it is another archive
    _refuse_other_binary(data)
    if expected is not Format.HTML and _HTML.match(data.removeprefix(b"\xef\xbb\xbf")):
        return Format.HTML
    if expected in (Format.PDF, Format.DOCX):
        raise DocumentError(
            DocumentStatus.MALFORMED,
            f"the beginning of a {expected} file is missing; it is damaged, or of another format: check its extension",
        )
    return expected


def _is_pdf(data: bytes, expected: Format) -> bool:
    """PDF readers accept other bytes before the header; in a text file that would be a text about PDF."""
    header = data[:_PDF_HEADER_WITHIN]
    return b"%PDF-" in header if expected is Format.PDF else header.lstrip().startswith(b"%PDF-")


def _refuse_other_binary(data: bytes) -> None:
    if data.startswith(_OLE2) and _ENCRYPTED_PACKAGE in data:
        raise DocumentError(DocumentStatus.ENCRYPTED, "needs a password; save it without one and run again")
    for signature, kind in _BINARY_SIGNATURES.items():
        if data.startswith(signature):
            raise DocumentError(
                DocumentStatus.UNSUPPORTED_FORMAT, f"the content is {kind}; convert it to txt, md, html, pdf or docx"
            )
