"""Names as text, and ids."""

import os

from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.documents import display_path, document_id, original_path

names = st.lists(st.sampled_from([b"%", b"25", b"FF", b"\xff", b"E9", b"\xe9", b"a", b"\n", "é".encode(), b"/"])).map(
    lambda parts: os.fsdecode(b"".join(parts))
)


@given(names)
def test_display_path_is_utf8_and_one_to_one(path: str) -> None:
    shown = display_path(path)
    shown.encode("utf-8")
    assert original_path(shown) == path


@given(st.text(alphabet=st.characters(exclude_characters="%", exclude_categories=["Cs"])))
def test_display_path_leaves_other_names_as_they_are(path: str) -> None:
    assert display_path(path) == path


def test_display_path_writes_undecodable_bytes_and_what_looks_like_them() -> None:
    assert display_path(os.fsdecode(b"caf\xe9.txt")) == "caf%E9.txt"
    assert display_path("caf%E9.txt") == "caf%25E9.txt"
    assert display_path("100% %41 %2e%2e") == "100% %41 %2e%2e"


def test_document_id_keeps_batch_and_path_apart() -> None:
    assert document_id("a", "b/c") != document_id("a/b", "c")
    assert document_id("", os.fsdecode(b"\xe9")).startswith("doc-")
