"""PDF to plain paragraphs, with PDFium."""

import re

import pypdfium2

from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus

_PASSWORD_ERRORS = {4, 5}  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_HYPHENATED = re.compile(r"(\w+)\x02\s*(\w+)")
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_NEW_BLOCK = re.compile(r"[-–•▪●*]\s|\(?\d{1,3}[.)]\s")
_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE)


def pdf_to_text(data: bytes, pages_max: int, characters_max: int) -> tuple[str, str | None]:
    """The text of a PDF's pages in order, and a note where pages could not be read.

    Raises:
        DocumentError: ``encrypted``, ``malformed``, or ``too_large`` (pages or characters).
    """
    pdf = _open(data)
    pages = len(pdf)
    if pages > pages_max:
        raise DocumentError(
            DocumentStatus.TOO_LARGE, f"{pages:,} pages, at most {pages_max:,}; split it or raise MAX_DOCUMENT_PAGES"
        )
    texts, lost = _read_pages(pdf, pages, characters_max)
    if lost == pages:
        raise DocumentError(DocumentStatus.MALFORMED, f"none of its {pages} pages can be read")
    note = f"{lost} of {pages} pages could not be read and are missing from the text" if lost else None
    return undo_hyphens(_join_pages([join_lines(text) for text in texts])), note


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in _PASSWORD_ERRORS:
            raise DocumentError(
                DocumentStatus.ENCRYPTED, "needs a password; save it without one and run again"
            ) from None
        raise DocumentError(DocumentStatus.MALFORMED, f"no readable PDF: {error}") from None


def _read_pages(pdf: pypdfium2.PdfDocument, pages: int, characters_max: int) -> tuple[list[str], int]:
    texts: list[str] = []
    lost = characters = 0
    for number in range(pages):
        try:
            text = _read_page(pdf, number)
        except pypdfium2.PdfiumError:
            lost += 1
            continue
        texts.append(text)
        characters += len(text)
        if characters > characters_max:
            raise DocumentError(
                DocumentStatus.TOO_LARGE,
                f"more than {characters_max:,} characters on the first {number + 1} pages; split it or raise "
                "MAX_DOCUMENT_CHARACTERS",
            )
    return texts, lost


def _read_page(pdf: pypdfium2.PdfDocument, number: int) -> str:
    page = pdf[number]
    text_page = page.get_textpage()
    try:
        return str(text_page.get_text_bounded())
    finally:
        text_page.close()
        page.close()


def join_lines(page: str) -> str:
    """A page's lines as paragraphs. PDF has none, so a line ends one where it is clearly shorter than the page's
    longest and ends a sentence, or is short and followed by a capital (a heading), or by a list mark."""
    lines = [" ".join(line.split()) for line in page.splitlines()]
    lines = [line for line in lines if line]
    lines = lines[1:] if lines and _PAGE_NUMBER.fullmatch(lines[0]) else lines
    lines = lines[:-1] if lines and _PAGE_NUMBER.fullmatch(lines[-1]) else lines
    width = max(map(len, lines), default=0)
    text = ""
    parts: list[str] = []
    for line in lines:
        parts += [_separator(text, line, width), line]
        text = line
    return "".join(parts)


def _separator(line: str, following: str, width: int) -> str:
    if not line:
        return ""
    if _NEW_BLOCK.match(following):
        return "\n\n"
    ends = _SENTENCE_END.search(line) is not None
    if len(line) < 0.85 * width and ends:
        return "\n\n"
    return "\n\n" if len(line) < 0.6 * width and following[:1].isupper() else " "


def _join_pages(pages: list[str]) -> str:
    """Pages as paragraphs, but for a sentence that goes on over the page's end."""
    parts: list[str] = []
    for page in filter(None, pages):
        if parts:
            goes_on = page[:1].islower() and not _SENTENCE_END.search(parts[-1][-3:])
            parts.append(" " if goes_on else "\n\n")
        parts.append(page)
    return "".join(parts)


def undo_hyphens(text: str) -> str:
    """Join words that PDFium marks (U+0002) as broken at a line's end. The hyphen stays where the second part is no
    lower-case word, and where the text has the same word with a hyphen elsewhere."""
    hyphenated = set(re.findall(r"\w+-\w+", text))

    def join(found: re.Match[str]) -> str:
        with_hyphen = f"{found[1]}-{found[2]}"
        return with_hyphen if not found[2][0].islower() or with_hyphen in hyphenated else found[1] + found[2]

    return _HYPHENATED.sub(join, text).replace("\x02", "-")
