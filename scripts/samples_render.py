"""Turn the annotated sample sources into plain text and into the five document formats."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

FIXED_DATE = datetime(2024, 1, 1, tzinfo=UTC)
ANNOTATION = re.compile(r"\[\[([^\[\]|]+)\|([^\[\]]+)\]\]")
OPEN_BASE, CLOSE = 0xE000, "\uf8ff"  # private-use characters that mark mentions
BLOCK_TAGS = {"h1", "h2", "h3", "p", "li", "tr", "nav", "title", "footer", "blockquote", "ul", "table"}
OPTIONAL_TAGS = {"nav", "title", "footer"}
SILENT_TAGS = {"script", "style"}


class Block(NamedTuple):
    """A paragraph-like piece of text; a reader may leave an optional one out."""

    text: str
    optional: bool = False


def strip_annotations(source: str) -> str:
    """The document's own markup, without the inline annotations."""
    return ANNOTATION.sub(r"\2", source)


def mark_annotations(source: str) -> tuple[str, list[str]]:
    """Replace each annotation by its surface between private-use marks; list the keys in order."""
    keys: list[str] = []

    def mark(match: re.Match[str]) -> str:
        keys.append(match[1])
        return chr(OPEN_BASE + len(keys) - 1) + match[2] + CLOSE

    return ANNOTATION.sub(mark, source), keys


class _HtmlBlocks(HTMLParser):
    """Collect the text of an HTML page block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.buffer, self.silent, self.optional = "", 0, 0

    def flush(self) -> None:
        """End the current block."""
        if self.buffer.strip():
            self.blocks.append(Block(" ".join(self.buffer.split()), self.optional > 0))
        self.buffer = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in BLOCK_TAGS:
            self.flush()
        elif tag in {"td", "th"}:
            self.buffer += " "
        self.silent += tag in SILENT_TAGS
        self.optional += tag in OPTIONAL_TAGS

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCK_TAGS:
            self.flush()
        self.silent -= tag in SILENT_TAGS
        self.optional -= tag in OPTIONAL_TAGS

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.buffer += data


def html_blocks(markup: str) -> list[Block]:
    """The text blocks of an HTML page; navigation, title and footer are optional."""
    parser = _HtmlBlocks()
    parser.feed(markup)
    parser.close()
    parser.flush()
    return parser.blocks


def markdown_blocks(markup: str) -> list[Block]:
    """The text blocks of a Markdown page with its markup taken away."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markup)
    text = re.sub(r"\*+([^*]+)\*+", r"\1", text)
    text = re.sub(r"(?m)^(?:#+|>|-|\d+\.) +", "\n\n", text)
    return text_blocks(text)


def text_blocks(markup: str) -> list[Block]:
    """Plain text: paragraphs are divided by empty lines."""
    return [Block(" ".join(part.split())) for part in re.split(r"\n\s*\n", markup) if part.strip()]


def light_blocks(markup: str) -> list[Block]:
    """The light markup of the PDF and DOCX sources: headings, paragraphs and table rows."""
    text = re.sub(r"(?m)^#+ +", "", markup)
    text = re.sub(r"(?m)^\| (.*) \|$", lambda m: "\n" + m[1].replace(" | ", " ") + "\n", text)
    return text_blocks(text)


def plain_candidates(suffix: str, marked: str) -> list[list[Block]]:
    """The plain texts a reader may give for a source, the likelier first."""
    if suffix == ".html":
        return [html_blocks(marked)]
    if suffix == ".md":
        return [markdown_blocks(marked), text_blocks(marked)]
    return [text_blocks(marked)] if suffix == ".txt" else [light_blocks(marked)]


def _light_parts(markup: str) -> list[tuple[str, str]]:
    """(kind, text) pairs of the light markup; kind is h1, h2, p or row."""
    parts: list[tuple[str, str]] = []
    for line in filter(None, (raw.strip() for raw in markup.split("\n"))):
        if line.startswith("|"):
            parts.append(("row", line.strip("| ")))
        elif line.startswith("#"):
            level, _, text = line.partition(" ")
            parts.append((f"h{len(level)}", text))
        else:
            parts.append(("p", line))
    return parts


def render_pdf(markup: str) -> bytes:
    """Set the light markup as a PDF with a built-in Latin-1 font."""
    from fpdf import FPDF

    pdf = FPDF(format=(148, 210))
    pdf.set_compression(False)
    pdf.set_creation_date(FIXED_DATE)
    pdf.set_margin(18)
    pdf.add_page()
    for kind, text in _light_parts(markup):
        size = {"h1": 17, "h2": 13}.get(kind, 11)
        pdf.set_font("Helvetica", style="B" if kind.startswith("h") else "", size=size)
        pdf.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    return bytes(pdf.output())


def render_docx(markup: str) -> bytes:
    """Set the light markup as a Word document with headings and a table."""
    from docx import Document

    document, table = Document(), None
    core = document.core_properties
    core.author, core.comments, core.created, core.modified = "", "", FIXED_DATE, FIXED_DATE
    for kind, text in _light_parts(markup):
        if kind == "row":
            cells = text.split(" | ")
            table = table or document.add_table(rows=0, cols=len(cells), style="Table Grid")
            for cell, value in zip(table.add_row().cells, cells, strict=True):
                cell.text = value
        elif kind == "p":
            document.add_paragraph(text)
        else:
            document.add_heading(text, level=int(kind[1]))
    buffer = BytesIO()
    document.save(buffer)
    return _fixed_zip(buffer)


def _fixed_zip(buffer: BytesIO) -> bytes:
    """Rewrite a zip archive with constant time stamps."""
    fixed = BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return fixed.getvalue()


def render(source: str, target: Path) -> None:
    """Write one document in the format that the target's suffix names."""
    markup = strip_annotations(source)
    renderers = {".pdf": render_pdf, ".docx": render_docx}
    make = renderers.get(target.suffix, lambda text: text.encode("utf-8"))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(make(markup))
