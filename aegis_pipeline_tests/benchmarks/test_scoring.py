"""The scorer on small documents whose counts can be checked by hand."""

import json

import pytest

from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction, load, load_predictions, score, score_files
from aegis_pipeline.benchmarks.scoring.counts import BCubed, Counts, add_pairs, precision_at
from aegis_pipeline.benchmarks.scoring.scorer import tight
from aegis_pipeline.errors import InputError
from aegis_pipeline.records import Span

TEXT = "The Ada Byron's notes impressed Charles Babbage. Babbage met Ada in London in 1833, the First."
#       4 Ada Byron 13        32 Charles Babbage 47   49 Babbage 56  61 Ada 64  68 London 74  78 1833 82

GOLD: GoldDocument = {
    "id": "d",
    "text": TEXT,
    "mentions": [
        {"start": 4, "end": 13, "type": "PER", "cluster": 0},
        {"start": 61, "end": 64, "type": "PER", "cluster": 0},
        {"start": 32, "end": 47, "type": "PER", "cluster": 1},
        {"start": 49, "end": 56, "type": "PER", "cluster": 1},
        {"start": 68, "end": 74, "type": "LOC", "cluster": 2},
    ],
    "relations": [
        {"head": 0, "tail": 2, "pid": "P551"},
        {"head": 1, "tail": 0, "pid": "P737"},
        {"head": 1, "tail": 2, "pid": "P551"},
    ],
}

PREDICTION: Prediction = {
    "id": "d",
    "nodes": [
        {
            "id": "ada",
            "mentions": [{"start": 0, "end": 15, "label": "PERSON"}, {"start": 61, "end": 64, "label": "ORG"}],
        },
        {"id": "charles", "mentions": [{"start": 32, "end": 47, "label": "PERSON"}]},
        {"id": "babbage", "type": "PERSON", "mentions": [{"start": 49, "end": 56}]},
        {"id": "year", "mentions": [{"start": 78, "end": 82, "label": "DATE"}]},
        {"id": "first", "mentions": [{"start": 88, "end": 93, "label": "ORDINAL"}]},
    ],
    "edges": [
        {"head": "charles", "tail": "ada", "pid": "P737", "confidence": 0.9},
        {"head": "babbage", "tail": "ada", "pid": "P737", "confidence": 0.5},
        {"head": "ada", "tail": "year", "pid": "P569", "confidence": 0.4},
        {"head": "ada", "tail": "charles", "pid": None},
    ],
}


def figures(tp: int, fp: int, fn: int) -> dict[str, float]:
    return Counts(tp, fp, fn).figures()


@pytest.fixture
def scored():
    return score({"d": GOLD}, {"d": PREDICTION})


def test_counts_give_precision_recall_and_f1():
    assert figures(3, 1, 2) == {"p": 0.75, "r": 0.6, "f1": 0.6667, "tp": 3, "fp": 1, "fn": 2}


def test_counts_of_nothing_are_zero():
    assert figures(0, 0, 0) == {"p": 0.0, "r": 0.0, "f1": 0.0, "tp": 0, "fp": 0, "fn": 0}


@pytest.mark.parametrize(
    ("text", "span"),
    [("the Beatles's", Span(4, 11)), ("An Ode", Span(3, 6)), ("Theodore", Span(0, 8)), ("'s", Span(0, 2))],
)
def test_tight_strips_article_and_possessive(text, span):
    assert tight(text, 0, len(text)) == span


def test_mentions_ignore_ordinals_and_compare_tight_spans(scored):
    assert scored["ner_span"] == figures(4, 1, 1)
    assert scored["ner_typed"] == figures(3, 2, 2)
    assert scored["ner_overlap_recall"] == 0.8


def test_identity_counts_pairs_of_matched_mentions(scored):
    assert scored["pairwise"] == figures(1, 0, 1)
    assert scored["b3"] == {"p": 1.0, "r": 0.75, "f1": 0.8571, "mentions": 4}


def test_b_cubed_of_merged_clusters():
    b3 = BCubed()
    b3.add(got={1: "x", 2: "x", 3: "x"}, want={1: "a", 2: "a", 3: "b"})
    assert b3.figures() == {"p": 0.5556, "r": 1.0, "f1": 0.7143, "mentions": 3}


def test_pairs_of_merged_clusters():
    counts = Counts()
    add_pairs(counts, got={1: "x", 2: "x", 3: "x"}, want={1: "a", 2: "a", 3: "b"})
    assert counts == Counts(tp=1, fp=2, fn=0)


def test_relations_soft_merges_nodes_of_one_cluster(scored):
    assert scored["rel_soft"] == figures(1, 2, 2)
    assert scored["rel_pair"] == figures(1, 2, 2)
    assert scored["rel_macro_f1"] == 0.25  # P737 1, P551 0, P569 0, null 0


def test_relations_strict_uses_each_cluster_once(scored):
    assert scored["rel_strict"] == figures(1, 3, 2)


def test_precision_at_recall(scored):
    assert scored["rel_precision_at"] == {"0.1": 1.0, "0.2": 1.0, "0.3": 1.0, "0.4": None}
    assert precision_at([(0.2, True), (0.9, False)], total=2)["0.4"] == 0.5


def test_document_without_prediction_is_all_misses():
    scored = score({"d": GOLD, "e": GOLD}, {"d": PREDICTION})
    assert scored["ner_span"] == figures(4, 1, 6)
    assert scored["rel_soft"] == figures(1, 2, 5)


def test_eval_span_limits_predictions():
    scored = score({"d": {**GOLD, "eval_span": (0, 70)}}, {"d": PREDICTION})
    assert scored["ner_span"] == figures(4, 0, 1)


def test_identity_across_documents_needs_kb():
    def gold(key: str) -> GoldDocument:
        return {"id": key, "text": TEXT, "mentions": [{"start": 68, "end": 74, "kb": "Q84"}, {"start": 32, "end": 47}]}

    def found(key: str, node: str) -> Prediction:
        return {"id": key, "edges": [], "nodes": [{"id": node, "mentions": [{"start": 68, "end": 74, "label": "GPE"}]}]}

    documents = {key: gold(key) for key in "abc"}
    scored = score(documents, {"a": found("a", "x"), "b": found("b", "x"), "c": found("c", "y")})
    assert scored["pairwise"] == figures(1, 0, 2)
    assert "rel_soft" not in scored


def write(path, *lines):
    path.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), encoding="utf-8"
    )
    return path


def test_files_round_trip(tmp_path):
    gold = write(tmp_path / "gold.jsonl", GOLD, {**GOLD, "id": "e"})
    pred = write(tmp_path / "pred.jsonl", PREDICTION)
    assert list(load(gold)) == ["d", "e"]
    assert score_files(gold, pred, "0-0") == score({"d": GOLD}, {"d": PREDICTION})


@pytest.mark.parametrize(
    ("read", "line", "told"),
    [
        (load, "{", "line 2: Invalid JSON"),
        (load, "", "line 2: Invalid JSON"),
        (load, {"id": "x", "mentions": []}, "line 2: text: Field required. A gold line is"),
        (load, GOLD, "line 2: the id 'd' stands in an earlier line"),
        (
            load_predictions,
            {"id": "x", "nodes": [{"id": "n"}], "edges": []},
            "line 2: nodes.0.mentions: Field required",
        ),
        (load_predictions, {**PREDICTION, "id": 7}, "line 2: id: Input should be a valid string"),
    ],
)
def test_malformed_line_names_file_line_and_what_is_valid(tmp_path, read, line, told):
    path = write(tmp_path / "f.jsonl", GOLD if read is load else PREDICTION, line)
    with pytest.raises(InputError) as raised:
        read(path)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_missing_and_undecodable_files(tmp_path):
    with pytest.raises(InputError, match="Name a JSONL file"):
        load(tmp_path / "absent.jsonl")
    (tmp_path / "latin").write_bytes(b"\xe4")
    with pytest.raises(InputError, match="UTF-8"):
        load(tmp_path / "latin")


@pytest.mark.parametrize("documents", ["5", "9-3", "a-b", "-1-4"])
def test_range_that_is_none(tmp_path, documents):
    with pytest.raises(InputError, match="FROM-TO"):
        load(write(tmp_path / "gold.jsonl", GOLD), documents)


def test_files_that_do_not_meet(tmp_path):
    gold = write(tmp_path / "gold.jsonl", GOLD)
    pred = write(tmp_path / "pred.jsonl", {**PREDICTION, "id": "other"})
    with pytest.raises(InputError, match="has no document of"):
        score_files(gold, pred)
