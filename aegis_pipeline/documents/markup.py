"""HTML and Markdown to plain paragraphs. Nothing is fetched and nothing is run; no function recurses."""

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from markdown_it import MarkdownIt

from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus

_DROPPED = (
    "script style template noscript nav svg math iframe frame object embed applet audio video canvas "
    "select button textarea datalist dialog"
)
_BLOCKS = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr legend main ol p pre section summary table tbody tfoot thead title tr ul"
)
_DROPPED_TAGS = frozenset(_DROPPED.split())
_OPEN = {**dict.fromkeys(_BLOCKS.split(), "\n\n"), "li": "\n- ", "br": "\n"}
_CLOSE = dict.fromkeys(_BLOCKS.split(), "\n\n")
_CELLS = frozenset({"td", "th"})
_SPACE = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")
_ITEM = re.compile(r"^-\s+", re.MULTILINE)
_NESTING_MAX = 100
_TOO_DEEP = "Excessive depth"


def html_to_text(markup: str) -> str:
    """The readable text of a page: blocks become paragraphs, list items lines, table rows ``cell | cell``.

    Scripts, styles, menus and form controls are dropped; the title is kept where the page has no ``h1``.

    Raises:
        DocumentError: ``malformed`` where the page is nested deeper than libxml2 reads.
    """
    root = _parse(markup)
    return "" if root is None else _tidy("".join(_pieces(root)))


def markdown_to_text(markdown: str) -> str:
    """The readable text of CommonMark with tables, by way of HTML.

    Raises:
        DocumentError: ``malformed`` where quotes and lists are nested deeper than 100: what is deeper would be lost.
    """
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _NESTING_MAX}).enable("table")
    environment: dict[str, object] = {}
    tokens = parser.parse(markdown, environment)
    if any(token.level >= _NESTING_MAX - 1 for token in tokens):
        raise DocumentError(DocumentStatus.MALFORMED, f"quotes and lists are nested more than {_NESTING_MAX} deep")
    return html_to_text(parser.renderer.render(tokens, parser.options, environment))


def _parse(markup: str) -> HtmlElement | None:
    parser = HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root: HtmlElement = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:  # type: ignore[attr-defined]
            raise MemoryError from None
        raise
    except etree.ParserError:  # nothing but whitespace and comments
        return None
    if any(_TOO_DEEP in entry.message for entry in parser.error_log):
        raise DocumentError(
            DocumentStatus.MALFORMED, "the elements are nested more than 2,000 deep, so that text would be lost"
        )
    return root


def _pieces(root: HtmlElement) -> list[str]:
    pieces: list[str] = []
    has_heading = root.find(".//h1") is not None
    preformatted = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        preformatted += (tag == "pre") * (1 if event == "start" else -1)
        if event == "end":
            pieces += _CLOSE.get(tag, ""), _inline(element.tail, preformatted)
        elif tag in _DROPPED_TAGS or (tag == "title" and has_heading):
            walk.skip_subtree()
        else:
            pieces += _opening(element, tag), _inline(element.text, preformatted)
    return pieces


def _opening(element: etree._Element, tag: str) -> str:
    if tag in _CELLS:
        return " | " if element.getprevious() is not None else ""
    return _OPEN.get(tag, "")


def _inline(text: str | None, preformatted: int) -> str:
    return (text or "") if preformatted else _SPACE.sub(" ", text or "")


def _tidy(text: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", _ITEM.sub("- ", lines)).strip()
