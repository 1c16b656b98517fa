import json
from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.windows import Named
from aegis_pipeline.records import Span
from aegis_pipeline.training.gold import GoldMention, Range, load_gold, tight_mentions
from aegis_pipeline.training.relation_data import gold_named, labelled_windows, read_named, write_named
from aegis_pipeline.training.tagger_training import IGNORED, tagged_texts, target_marks
from aegis_pipeline_tests.training.documents import document


@pytest.mark.parametrize("text", ["5", "5-", "9-3", "a-b"])
def test_a_wrong_range_says_the_form(text: str) -> None:
    with pytest.raises(InputError, match="FROM-TO"):
        Range.parse(text)


def test_gold_is_read_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(document(f"{k}").model_dump_json() + "\n" for k in range(4)))
    assert [d.id for d in load_gold(path, Range(1, 2))] == ["1", "2"]
    with pytest.raises(InputError, match="has 4 lines; 2-9"):
        load_gold(path, Range(2, 9))
    path.write_text(json.dumps({"id": "x"}) + "\n")
    with pytest.raises(InputError, match="text"):
        load_gold(path, Range(0, 0))


def test_a_line_ends_where_json_lines_end(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(document("a\x85b\u2028c").model_dump_json() + "\n", encoding="utf-8")
    assert [d.id for d in load_gold(path, Range(0, 0))] == ["a\x85b\u2028c"]


def test_mentions_are_tight_and_never_overlap() -> None:
    gold = document().model_copy(update={"text": "The Globex's plant"})
    mentions = [
        GoldMention(start=0, end=12, type="ORG", cluster=0),
        GoldMention(start=4, end=8, type="ORG", cluster=1),
        GoldMention(start=13, end=18, type="OTHER", cluster=2),
    ]
    found = tight_mentions(gold.model_copy(update={"mentions": mentions}))
    assert [(span, mention.cluster) for span, mention in found] == [(Span(4, 10), 0)]


def test_found_entities_get_the_relations_of_the_clusters_they_share_mentions_with(tokenizer: ReaderTokenizer) -> None:
    found = [
        Named(Span(0, 11), 0, "a"),  # Marie Curie
        Named(Span(24, 30), 2, "b"),  # Warsaw
        Named(Span(32, 37), 0, "c"),  # Curie, not joined with the first
        Named(Span(38, 43), 5, "d"),  # no gold mention
    ]
    [labelled] = labelled_windows(document(), found, tokenizer, 64)
    assert labelled.clusters == ("0", "1", "0", "? d")
    assert labelled.holds == {(0, 1): {"P19"}, (2, 1): {"P19"}}
    assert labelled.evidence == {(0, 1): (0,), (2, 1): (0,)}


def test_a_window_of_one_entity_teaches_nothing(tokenizer: ReaderTokenizer) -> None:
    assert labelled_windows(document(), gold_named(document())[:1], tokenizer, 64) == []


def test_found_mentions_are_kept(tmp_path: Path) -> None:
    named = {"d": gold_named(document()), "é\u2028": []}
    write_named(tmp_path / "found.jsonl", named)
    assert read_named(tmp_path / "found.jsonl") == named


def test_only_the_first_piece_of_a_word_is_a_target(tokenizer: ReaderTokenizer) -> None:
    gold = document().model_copy(
        update={"text": "Zoe Ox.", "sents": [(0, 7)], "mentions": [GoldMention(start=0, end=6, type="PER", cluster=0)]}
    )
    [text] = tagged_texts([gold], tokenizer, 64)
    assert target_marks(text) == [1, IGNORED, IGNORED, 2, IGNORED, 0]
