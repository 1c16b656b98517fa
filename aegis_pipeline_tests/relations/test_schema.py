"""The relation schema and what the words of a question match in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.mentions import entity_types
from aegis_pipeline.mentions.labels import type_of
from aegis_pipeline.relations import RelationSchema, load_schema, match_predicates

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
    return [found.key for found in match_predicates(question.split(), load_schema())]


def test_predicate_of_a_key():
    found = load_schema().predicate("place_of_birth")
    assert (found.pid, found.label) == ("P19", "place of birth")
    assert found.head == {"person"}


def test_unknown_key_says_what_to_do():
    with pytest.raises(InputError, match=r"'likes'.*RELATION_SCHEMA"):
        load_schema().predicate("likes")


def test_keys_are_labels_and_properties_are_unique():
    schema = load_schema()
    assert len({found.pid for found in schema.values()}) == len(schema) == 96
    assert all(key.replace("_", "") == "".join(filter(str.isalpha, found.label)) for key, found in schema.items())


def test_every_type_is_one_of_the_mentions_room():
    types = {type_of(label) for label in SPACY_LABELS}
    used = {one for found in load_schema().values() for one in found.head | found.tail}
    assert used == {*types, "other"} <= entity_types()


def test_every_predicate_has_words_and_a_definition():
    assert all(found.synonyms and found.definition.endswith(".") for found in load_schema().values())


def test_of_two_inverses_the_first_is_kept_and_both_have_the_words_of_both():
    schema = load_schema()
    part_of, has_part, spouse = schema["part_of"], schema["has_part"], schema["spouse"]
    assert schema.kept(part_of) is schema.kept(has_part) is part_of
    assert schema.kept(spouse) is spouse
    assert schema.words(part_of) == schema.words(has_part)
    assert {"part of", "consists of"} <= set(schema.words(part_of))


def test_the_digest_changes_with_content_and_order():
    first, second, *_ = load_schema().values()
    other = RelationSchema([replace(first, label="head"), second])
    assert len({RelationSchema(found).digest for found in ([first, second], [second, first], other.values())}) == 3
    assert RelationSchema([first, second]) == RelationSchema([first, second]) != other


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
