"""Sentence boundaries."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis_pipeline.documents import sentence_spans

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "redocred_dev.jsonl"


@pytest.mark.parametrize(
    "sentences",
    [
        ["It was built by F. C. Williams and Tom.", "He left."],
        ["Ferranti Ltd. built it.", "Dr. Smith of the U.S. Army went to the U.S.", "He cost $3.5 million."],
        ["Gen. Patton met Gov. Brown at No. 10 Downing St. in London.", "See p. 5 and vol. 3."],
        ["He said “Stop.”", "Then he left."],
        ["It ended in 1948.[3]", "It began in 1947.", "(See above.)", "[1] Another."],
        ["Yahoo! Inc. was founded by Jerry.", "How odd!", "Is it?", "No.", "They left…", "And came back."],
        ["He joined IBM Corp.", "In 1990 he left for Apple Inc. Cupertino."],
        ["Born in Washington, D.C. in 1950, e.g. there.", "The U.K. Government agreed."],
        ["The 3.14 and v. 2.0 of a.k.a. Bob.", "iPhone sales fell."],
    ],
)
def test_sentence_spans_of_running_text(sentences: list[str]) -> None:
    text = " ".join(sentences)
    found = [text[span.start : span.end] for span in sentence_spans(text)]
    assert found == (sentences if "iPhone" not in text else [text])


def test_sentence_spans_end_at_blank_lines_and_list_items_but_not_at_line_ends() -> None:
    text = "A heading\n\nOne that goes\non. Two\n \t\nThree\n- item one\n- item two\n1. Item three\n2. Item four"
    assert [text[span.start : span.end] for span in sentence_spans(text)] == [
        "A heading",
        "One that goes\non.",
        "Two",
        "Three",
        "- item one",
        "- item two",
        "1. Item three",
        "2. Item four",
    ]


@given(st.text(st.sampled_from("aB1.!? \n\"'-[]")))
def test_sentence_spans_cover_all_but_whitespace(text: str) -> None:
    spans = sentence_spans(text)
    assert sum(len("".join(text[s.start : s.end].split())) for s in spans) == len("".join(text.split()))
    assert all(text[s.start : s.end] == text[s.start : s.end].strip() != "" for s in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the labelled data are not beside the checkout")
def test_sentence_spans_agree_with_redocred() -> None:
    matched = found = labelled = 0
    for line in SHARED.read_text("utf-8").splitlines()[300:]:
        document = json.loads(line)
        gold = {end for _, end in document["sents"][:-1]}
        ends = {span.end for span in sentence_spans(document["text"])} - {len(document["text"])}
        matched, found, labelled = matched + len(gold & ends), found + len(ends), labelled + len(gold)
    assert 2 * matched / (found + labelled) > 0.985
