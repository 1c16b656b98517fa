import pytest

from aegis_pipeline.reader.tokens import Case, ReaderTokenizer, case_of


@pytest.mark.parametrize(
    ("piece", "case"),
    [
        ("born", Case.LOWER),
        ("Marie", Case.CAPITALISED),
        ("A", Case.CAPITALISED),
        ("IBM", Case.UPPER),
        ("McD", Case.MIXED),
        ("1990s", Case.DIGITS),
        (",", Case.NONE),
        ("北", Case.MIXED),
    ],
)
def test_case_of_a_piece(piece: str, case: Case) -> None:
    assert case_of(piece) == case


def test_pieces_have_their_characters_and_words(tokenizer: ReaderTokenizer) -> None:
    text = "Marie, zoo."
    tokens = tokenizer.read(text)
    assert [text[a:b] for a, b in tokens.spans] == ["Marie", ",", "z", "o", "o", "."]
    assert tokens.begins == (True, True, True, False, False, True)


def test_a_part_begins_with_a_word(tokenizer: ReaderTokenizer) -> None:
    part = tokenizer.read("zoo berlin").part(1, 4)
    assert part.begins == (True, False, True)
    assert len(part) == 3


def test_no_text_has_no_pieces(tokenizer: ReaderTokenizer) -> None:
    assert len(tokenizer.read(" \n")) == 0
