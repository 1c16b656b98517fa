"""Generated documents: exact gold, the same everywhere, and no free lunch for those who only compare strings."""

import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from itertools import combinations, permutations

import pytest

from aegis_pipeline.benchmarks.scoring import score
from aegis_pipeline.benchmarks.worlds import SCENARIOS, documents_of, scenario_named
from aegis_pipeline.errors import InputError
from aegis_pipeline.relations import load_schema

SHORT = ["small", "medium", "large", "batch_10", "batch_50"]
TOO_EASY = 0.9


@pytest.mark.parametrize("name", SHORT)
def test_lengths_are_those_of_the_scenario_and_no_two_documents_are_alike(name):
    scenario = SCENARIOS[name]
    documents = documents_of(scenario, seed=3)
    assert len(documents) == scenario.documents
    assert all(scenario.words[0] <= len(document["text"].split()) <= scenario.words[1] for document in documents)
    assert len({document["text"] for document in documents}) == len(documents)


@pytest.mark.parametrize("name", SHORT)
def test_every_span_is_a_name_and_every_relation_stands_in_its_sentences(name):
    known = {predicate.pid for predicate in load_schema().values()}
    for document in documents_of(SCENARIOS[name], seed=3):
        text = document["text"]
        for mention in document["mentions"]:
            assert text[mention["start"] : mention["end"]].strip("The ")
            assert not text[max(0, mention["start"] - 1)].isalnum() or mention["start"] == 0
        assert all(text[start:end].endswith(".") for start, end in document["sents"])
        clusters = {mention["cluster"] for mention in document["mentions"]}
        for relation in document["relations"]:
            assert {relation["head"], relation["tail"]} <= clusters
            assert relation["pid"] in known
            assert relation["evidence"]


def test_what_is_told_twice_is_told_alike():
    told = defaultdict(set)
    for document in documents_of(SCENARIOS["batch_50"], seed=3):
        thing = {mention["cluster"]: mention["kb"] for mention in document["mentions"]}
        for relation in document["relations"]:
            if relation["pid"] in {"P19", "P569", "P159", "P571", "P17"}:
                told[thing[relation["head"]], relation["pid"]].add(thing[relation["tail"]])
    assert len(told) > 50
    assert all(len(values) == 1 for values in told.values())


def test_a_scale_contains_the_smaller_ones_and_another_seed_gives_others():
    ten, fifty = documents_of(SCENARIOS["scale_10"], 3), documents_of(SCENARIOS["scale_50"], 3)
    assert fifty[:10] == ten
    assert not {d["text"] for d in ten} & {d["text"] for d in documents_of(SCENARIOS["scale_10"], 4)}


@pytest.mark.parametrize("seed", range(5))
def test_a_large_scale_can_be_told(seed):
    assert len(documents_of(SCENARIOS["scale_500"], seed)) == 500


def test_another_process_writes_the_same_bytes():
    code = (
        "import hashlib, json\n"
        "from aegis_pipeline.benchmarks.worlds import SCENARIOS, documents_of\n"
        "print(hashlib.sha256(json.dumps(documents_of(SCENARIOS['small'], 3)).encode()).hexdigest())"
    )
    own = hashlib.sha256(json.dumps(documents_of(SCENARIOS["small"], 3)).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == own


@pytest.mark.parametrize("name", SHORT)
def test_equal_strings_and_shared_sentences_are_not_enough(name):
    gold = {document["id"]: document for document in documents_of(SCENARIOS[name], seed=3)}
    figures = score(gold, {key: _by_strings(document) for key, document in gold.items()})
    assert figures["pairwise"]["f1"] < TOO_EASY
    assert figures["rel_pair"]["f1"] < TOO_EASY


@pytest.mark.parametrize("name", SHORT)
def test_nor_is_the_subject_of_a_sentence_with_every_other_name_in_it(name):
    gold = {document["id"]: document for document in documents_of(SCENARIOS[name], seed=3)}
    figures = score(gold, {key: _by_strings(document, subject_only=True) for key, document in gold.items()})
    assert figures["rel_pair"]["f1"] < TOO_EASY


def test_an_unknown_scenario_names_the_valid_ones():
    with pytest.raises(InputError, match="valid are small, medium"):
        scenario_named("huge")


def _by_strings(document, *, subject_only=False):
    """All of gold's mentions, joined where the strings are equal, related where they share a sentence."""
    text, nodes, edges = document["text"], defaultdict(list), set()
    for mention in document["mentions"]:
        nodes[text[mention["start"] : mention["end"]]].append(mention)
    for start, end in document["sents"]:
        names = [text[m["start"] : m["end"]] for m in document["mentions"] if start <= m["start"] < end]
        pairs = ((names[0], other) for other in names[1:]) if subject_only else combinations(names, 2)
        edges |= {turned for pair in pairs if pair[0] != pair[1] for turned in permutations(pair)}
    return {
        "id": document["id"],
        "nodes": [{"id": name, "mentions": found} for name, found in nodes.items()],
        "edges": [{"head": head, "tail": tail} for head, tail in edges],
    }
