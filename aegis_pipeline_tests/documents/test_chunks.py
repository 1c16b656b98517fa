"""Chunks: whole sentences within the limit, no overlap, nothing lost."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.records import Document


def count(texts: Sequence[str]) -> list[int]:
    """As WordPiece: two special tokens, and a token for every four characters of a word."""
    return [2 + sum(-(-len(word) // 4) for word in text.split()) for text in texts]


def document(text: str) -> Document:
    return Document("doc-1", "a.txt", text, "hash", "en")


@given(st.text(st.sampled_from("abcdefghij.. \n"), max_size=800), st.integers(4, 40))
def test_chunks_hold_all_words_once_within_the_limit(text: str, limit: int) -> None:
    chunks = chunk_documents([document(text)], count, limit)
    assert "".join(filter(str.isalnum, "".join(chunk.text for chunk in chunks))) == "".join(filter(str.isalnum, text))
    for index, chunk in enumerate(chunks):
        assert chunk.id == f"doc-1-chunk-{index:03d}"
        assert chunk.text == text[chunk.span.start : chunk.span.end] == chunk.text.strip()
        assert count([chunk.text])[0] <= limit
        assert (chunk.sentences[0].start, chunk.sentences[-1].end) == (chunk.span.start, chunk.span.end)
    spans = [span for chunk in chunks for span in chunk.sentences]
    assert all(left.end <= right.start for left, right in pairwise(spans))


def test_chunks_leave_out_a_stretch_of_signs_alone() -> None:
    text = f"One.\n\n{'. ' * 200}\n\nTwo."
    chunks = chunk_documents([document(text)], count, 40)
    assert all(any(map(str.isalnum, chunk.text)) for chunk in chunks)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert "One." in chunks[0].text
    assert "Two." in chunks[-1].text


def test_chunks_keep_a_paragraph_whole_behind_a_half_full_chunk() -> None:
    one, two = "Aaaa bbbb cccc. Dddd eeee.", "Ffff gggg. Hhhh iiii jjjj."
    chunks = chunk_documents([document(f"{one}\n\n{two}")], lambda texts: [2 + len(t.split()) for t in texts], 11)
    assert [chunk.text for chunk in chunks] == [one, two]


def test_chunks_fill_a_chunk_that_is_less_than_half_full() -> None:
    text = "Head\n\nAaaa bbbb. Cccc dddd. Eeee ffff."
    chunks = chunk_documents([document(text)], lambda texts: [2 + len(t.split()) for t in texts], 8)
    assert [chunk.text for chunk in chunks] == ["Head\n\nAaaa bbbb. Cccc dddd.", "Eeee ffff."]


def test_chunks_cut_a_sentence_beyond_the_limit_at_whitespace() -> None:
    chunks = chunk_documents([document("aaaa bbbb cccc dddd eeee. Ffff.")], count, 5)
    assert [chunk.text for chunk in chunks] == ["aaaa bbbb cccc", "dddd eeee.", "Ffff."]
    assert [len(chunk.sentences) for chunk in chunks] == [1, 1, 1]


def test_chunks_cut_a_word_beyond_the_limit_between_characters() -> None:
    chunks = chunk_documents([document("x" * 100)], count, 7)
    assert {len(chunk.text) for chunk in chunks} <= {12, 13}
    assert "".join(chunk.text for chunk in chunks) == "x" * 100


def test_chunks_bound_characters_where_an_encoder_has_one_token_for_a_long_word() -> None:
    chunks = chunk_documents([document("x" * 100_000)], lambda texts: [3 for _ in texts], 256)
    assert max(len(chunk.text) for chunk in chunks) <= 256 * 16


def test_chunks_count_tokens_in_one_call_a_document() -> None:
    calls: list[int] = []

    def counted(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return count(texts)

    chunk_documents([document("One. Two. Three. Four.")], counted, 64)
    assert calls == [1, 4]


def test_chunks_of_an_empty_text_are_none() -> None:
    assert chunk_documents([document("")], count, 64) == []
