"""Sanitising: LightRAG's, as a fixed point, so that offsets agree."""

from hypothesis import given
from hypothesis import strategies as st
from lightrag.utils import sanitize_text_for_encoding

from aegis_pipeline.documents import sanitize
from aegis_pipeline.documents.sanitize import _sanitize_once

pieces = st.sampled_from(
    [
        "&",
        "amp;",
        "lt;",
        "#38;",
        "#x26;",
        "#13;",
        "#0;",
        "&am",
        "p;",
        ";",
        "x",
        " ",
        "\r",
        "\n",
        "\x01",
        "\x0c",
        "\ud800",
    ]
)
texts = st.one_of(st.text(st.characters()), st.lists(pieces, max_size=40).map("".join))


@given(texts)
def test_sanitize_once_is_what_lightrag_does(text: str) -> None:
    assert _sanitize_once(text) == sanitize_text_for_encoding(text)


@given(texts)
def test_sanitized_text_is_what_lightrag_stores(text: str) -> None:
    cleaned = sanitize(text)
    assert sanitize_text_for_encoding(cleaned) == cleaned
    assert "\r" not in cleaned
    assert sanitize(cleaned) == cleaned


@given(texts, st.data())
def test_part_of_sanitized_text_is_what_lightrag_stores(text: str, data: st.DataObject) -> None:
    cleaned = sanitize(text)
    start = data.draw(st.integers(0, len(cleaned)))
    part = cleaned[start : data.draw(st.integers(start, len(cleaned)))].strip()
    assert sanitize_text_for_encoding(part) == part


def test_sanitize_ends_references_without_end() -> None:
    assert sanitize("&" + "amp;" * 100 + "lt;") == "& " + "amp;" * 95 + "lt;"


def test_sanitize_keeps_pages_and_lines_apart() -> None:
    assert sanitize("one\x0ctwo\r\nthree\rfour\u2028five\x0bsix") == "one\n\ntwo\nthree\nfour\nfive\nsix"
