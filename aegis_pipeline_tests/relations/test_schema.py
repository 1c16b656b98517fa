"""The relation schema and what the words of a question match in it."""

import json
from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.mentions.labels import type_of
from aegis_pipeline.relations import load_schema, match_predicates, predicate

NAMES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "redocred_relation_names.json"
SPACY_LABELS = {
    "PERSON",
    "ORG",
    "GPE",
    "LOC",
    "FAC",
    "NORP",
    "PRODUCT",
    "EVENT",
    "WORK_OF_ART",
    "LAW",
    "LANGUAGE",
    "DATE",
}


def keys(question):
    return [found.key for found in match_predicates(question.split())]


def test_predicate_of_a_key():
    found = predicate("place_of_birth")
    assert (found.pid, found.label) == ("P19", "place of birth")
    assert found.head == {"person"}


def test_unknown_key_says_where_keys_are():
    with pytest.raises(InputError, match=r"schema\.toml"):
        predicate("likes")


def test_keys_are_labels_and_properties_are_unique():
    schema = load_schema()
    assert len({found.pid for found in schema.values()}) == len(schema) == 96
    assert all(key.replace("_", "") == "".join(filter(str.isalpha, found.label)) for key, found in schema.items())


def test_every_type_is_one_of_the_mentions_room():
    types = {type_of(label) for label in SPACY_LABELS}
    assert {one for found in load_schema().values() for one in found.head | found.tail} <= types


def test_every_predicate_has_words_and_a_definition():
    assert all(found.synonyms and found.definition.endswith(".") for found in load_schema().values())


def test_inverse_exchanges_the_ends():
    for found in load_schema().values():
        if found.inverse:
            assert predicate(found.inverse).inverse == found.key
        assert not (found.symmetric and found.inverse)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("who founded Acme", "founded_by"),
        ("Where was Ada born in ?", "place_of_birth"),
        ("When was Ada born ?", "date_of_birth"),
        ("Where did Turing study ?", "educated_at"),
        ("Who is the record label of Bob", "record_label"),
        ("Who is Ada married to", "spouse"),
    ],
)
def test_question_matches(question, best):
    assert keys(question)[0] == best


def test_longer_phrase_comes_first():
    assert keys("the parent organization of Acme")[0] == "parent_organization"


def test_function_words_match_nothing():
    assert keys("who is in the of") == []


@pytest.mark.shared
@pytest.mark.skipif(not NAMES.is_file(), reason="the labelled data is not beside the checkout")
def test_schema_has_every_property_of_the_labelled_data():
    names = json.loads(NAMES.read_text(encoding="utf-8"))
    assert {found.pid: found.label for found in load_schema().values()} == names
