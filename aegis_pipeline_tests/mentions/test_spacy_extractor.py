"""The spaCy extractor on blank pipelines, and every extractor on hostile text."""

from itertools import pairwise

import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st

from aegis_pipeline.mentions import (
    GlossaryEntry,
    RegexMentionExtractor,
    SpacyMentionExtractor,
)
from aegis_pipeline.records import MentionResult, Outcome
from aegis_pipeline_tests.mentions.texts import check, chunk, found, ruled


def test_mentions_have_document_offsets_and_sentences_of_the_document() -> None:
    nlp = ruled(("ORG", "Acme"), ("GPE", "Rome"), ("CARDINAL", "12"))
    chunks = [
        chunk("Acme grew. It left Rome.", (0, 10), (11, 24)),
        chunk("Rome had 12 hills.", start=30, index=1),
        chunk("Acme.", document="d2"),
    ]
    result = SpacyMentionExtractor(nlp).extract(chunks)
    check(result, chunks)
    assert [(m.text, m.sentence, m.is_node, m.type) for m in result.mentions] == [
        ("Acme", 0, True, "organization"),
        ("Rome", 1, True, "place"),
        ("Rome", 2, True, "place"),
        ("12", 2, False, "number"),
        ("Acme", 0, True, "organization"),
    ]
    assert [(o.document_id, o.outcome) for o in result.outcomes] == [("d1", Outcome.OK), ("d2", Outcome.OK)]
    assert result.mentions[2].context == "Rome had 12 hills."


def test_numeric_nodes_setting() -> None:
    mentions = SpacyMentionExtractor(ruled(("MONEY", "$5")), numeric_nodes=True).extract([chunk("I owe $5.")]).mentions
    assert [m.is_node for m in mentions] == [True]


def test_a_name_labelled_in_one_chunk_is_found_in_the_others() -> None:
    chunks = [chunk("Acme Inc: good."), chunk("We know Acme Inc; Acmes do not.", start=20, index=1)]
    result = SpacyMentionExtractor(ruled(("ORG", "Acme Inc:"))).extract(chunks)
    check(result, chunks)
    assert found(result) == [("Acme Inc", "ORG", "spacy"), ("Acme Inc", "ORG", "repeat")]


def test_document_without_names_is_empty_not_ok() -> None:
    result = SpacyMentionExtractor(ruled()).extract([chunk("nothing here")])
    assert [o.outcome for o in result.outcomes] == [Outcome.EMPTY]


def test_no_chunks() -> None:
    assert SpacyMentionExtractor(ruled()).extract([]) == MentionResult((), ())


# --- hostile text

HOSTILE = [
    "A" * 100_000,
    "\x00\x01\x02 Acme \x07\x1b[31m",
    "👩‍👩‍👧‍👦🎉" * 50,
    "‏שלום עולם‏ Acme مرحبا",
    "\n\n \t " * 20 + "Acme",
    "<script> alert ( 'Acme' ) </script> {{7*7}} `rm -rf /` MATCH (n) DETACH DELETE n",
    "of the and " * 500,
    "'" * 1000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text(text: str) -> None:
    chunks = [chunk(text)]
    glossary = [GlossaryEntry(name="Acme", type="ORG")]
    for extractor in (SpacyMentionExtractor(ruled(("ORG", "Acme")), glossary), RegexMentionExtractor(glossary)):
        result = extractor.extract(chunks)
        check(result, chunks)
        assert ("Acme" in text) == any(m.text == "Acme" for m in result.mentions)


@given(st.text(max_size=200), st.lists(st.integers(0, 200), max_size=4))
@example("00", [1])
def test_mention_invariants_hold_for_any_text(text: str, cuts: list[int]) -> None:
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [chunk(text, *pairwise(edges), start=7)] if text else []
    for extractor in (SpacyMentionExtractor(NUMBERS), RegexMentionExtractor()):
        check(extractor.extract(chunks), chunks)


NUMBERS = spacy.blank("en")
NUMBERS.add_pipe("entity_ruler").add_patterns(
    [{"label": "DATE", "pattern": [{"IS_DIGIT": True, "OP": "+"}]}, {"label": "ORG", "pattern": [{"IS_TITLE": True}]}]
)
