"""LightRAG's own sanitising, applied before anything is measured, so that offsets into our texts hold in its store."""

import html
import re

# LightRAG 1.5.7, lightrag/utils.py, sanitize_text_for_encoding: the same steps in the same order. Copied rather than
# imported since the parse child, where hostile text is handled, must stay light; a test holds the two equal.
_SURROGATES = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_LINE_BREAKS = re.compile("\r\n?|\x0b|\x85|\u2028")
_PAGE_BREAKS = re.compile("\x0c|\u2029")
_REFERENCE = re.compile(r"&(?=[#A-Za-z])")
_PASSES_MAX = 5


def sanitize(text: str) -> str:
    """``text`` as LightRAG will store it: applying LightRAG's sanitising to the result, or to a part of it that
    begins and ends with no whitespace, changes nothing.

    LightRAG resolves one level of HTML references at each insert, so it is applied until nothing changes. A text that
    is still changing after five passes is built to do so (``&amp;amp;amp;…``); a space behind its ampersands ends it.
    """
    text = _PAGE_BREAKS.sub("\n\n", text)
    for _ in range(_PASSES_MAX):
        cleaned = _sanitize_once(_LINE_BREAKS.sub("\n", text))
        if cleaned == text:
            return text
        text = cleaned
    return _sanitize_once(_LINE_BREAKS.sub("\n", _REFERENCE.sub("& ", text)))


def _sanitize_once(text: str) -> str:
    text = html.unescape(text.strip())
    return _CONTROLS.sub("", _SURROGATES.sub("", text)).strip()
