from aegis_pipeline.reader.layout import NEAR, layout_of, marks_of
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named, Window, windows
from aegis_pipeline.records import Span

SENTENCE = "Marie Curie was born in Warsaw. "


def _document(sentences: int) -> tuple[str, list[Span], list[Named]]:
    """Each sentence names one person of its own, and Warsaw."""
    text, spans, named = SENTENCE * sentences, [], []
    for k in range(sentences):
        at = k * len(SENTENCE)
        spans.append(Span(at, at + len(SENTENCE) - 1))
        named.append(Named(Span(at, at + 11), 0, f"curie {k}"))
        named.append(Named(Span(at + 24, at + 30), 2, "warsaw"))
    return text, spans, named


def test_a_short_document_is_one_window(tokenizer: ReaderTokenizer) -> None:
    text, spans, named = _document(2)
    [window] = windows(text, spans, named, tokenizer, 64)
    assert window.entities == ("curie 0", "warsaw", "curie 1")
    assert [(m.first, m.end, m.entity) for m in window.mentions] == [(0, 2, 0), (5, 6, 1), (7, 9, 2), (12, 13, 1)]
    assert window.sentences == (0,) * 7 + (1,) * 7


def test_a_long_document_has_windows_that_overlap(tokenizer: ReaderTokenizer) -> None:
    text, spans, named = _document(30)
    found = windows(text, spans, named, tokenizer, 64)
    assert all(len(window.tokens) <= 64 for window in found)
    together = {frozenset((a, b)) for window in found for a in window.sentences for b in window.sentences}
    assert all(frozenset((k, k + 1)) in together for k in range(29))
    assert {sentence for window in found for sentence in window.sentences} == set(range(30))
    assert all(len(window.sentences) % 7 == 0 for window in found), "sentences are whole"


def test_a_sentence_beyond_the_limit_is_cut(tokenizer: ReaderTokenizer) -> None:
    text = "berlin " * 300
    found = windows(text, [Span(0, len(text))], [Named(Span(0, 6), 2, "berlin")], tokenizer, 64)
    assert sum(len(window.tokens) for window in found) >= 300
    assert all(len(window.tokens) <= 64 for window in found)


def test_a_mention_without_a_piece_is_not_placed(tokenizer: ReaderTokenizer) -> None:
    [window] = windows("Marie  was", [Span(0, 10)], [Named(Span(5, 7), 0, "blank")], tokenizer, 64)
    assert window.entities == ()


def test_no_text_has_no_window(tokenizer: ReaderTokenizer) -> None:
    assert windows("", [], [], tokenizer, 64) == []


def _window(tokenizer: ReaderTokenizer) -> Window:
    text, spans, named = _document(2)
    return windows(text, spans, named, tokenizer, 64)[0]


def test_layout_pools_pieces_into_mentions_and_entities(tokenizer: ReaderTokenizer) -> None:
    layout = layout_of(_window(tokenizer))
    assert layout.pieces.tolist() == [1, 2, 6, 8, 9, 13]
    assert layout.mention_pool.sum(1).tolist() == [1, 1, 1, 1]
    assert layout.entity_pool.tolist()[1] == [0, 0, 0.5, 0, 0, 0.5]
    assert layout.members.tolist() == [[0, -1], [1, 3], [2, -1]]
    assert layout.pairs.tolist() == [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]]
    assert layout.sentence_pool.sum(0).tolist() == [7, 7]


def test_distance_is_that_of_the_nearest_mentions_and_knows_the_order(tokenizer: ReaderTokenizer) -> None:
    distances = layout_of(_window(tokenizer)).distances.tolist()
    assert distances[1][2] == 1  # two pieces apart
    assert distances[2][1] == 1 + NEAR
    assert distances[0][1] == 2


def test_marks_tell_where_names_are(tokenizer: ReaderTokenizer) -> None:
    assert marks_of(_window(tokenizer)) == [1, 2, 0, 0, 0, 5, 0] * 2
