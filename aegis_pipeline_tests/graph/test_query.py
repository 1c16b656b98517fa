"""Questions: their keywords, what is retrieved, and the sentences that answer."""

import pytest
import spacy
from spacy.language import Language

from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import EmbeddedGraphStore, ask
from aegis_pipeline.graph.query import ANSWER_SENTENCES, question_keywords
from aegis_pipeline.models import load_spacy
from aegis_pipeline.records import QueryMode
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.worlds import ENCODER, batch

FILES = {"a.txt": "It rained. Lyons employs EDSAC.", "b.txt": "Ferranti founded Manchester. Nobody was there."}


@pytest.fixture(scope="module")
def nlp() -> Language:
    """Knows two names, and parses nothing."""
    blank = spacy.blank("en")
    names = ("EDSAC", "Lyons", "the Ferranti")
    blank.add_pipe("entity_ruler").add_patterns([{"label": "X", "pattern": name} for name in names])  # type: ignore[attr-defined]
    return blank


def test_query_keywords_without_a_parser(nlp: Language) -> None:
    keywords = question_keywords(nlp, load_schema(), "Who founded the Ferranti and EDSAC and EDSAC?")
    assert keywords.low == ("Ferranti", "EDSAC")
    assert "founded by" in keywords.high


def test_query_keywords_of_a_question_without_names_are_the_question(nlp: Language) -> None:
    keywords = question_keywords(nlp, load_schema(), "Zxqv?")
    assert keywords.low == keywords.high == ("Zxqv?",)


@pytest.mark.models
def test_query_keywords_by_the_real_parser() -> None:
    keywords = question_keywords(
        load_spacy(Settings(_env_file=None).spacy_model), load_schema(), "Who founded the Acorn company?"
    )
    assert any("Acorn" in name and not name.startswith("the ") for name in keywords.low)
    assert "Who" not in keywords.low
    assert "founded by" in keywords.high


@pytest.mark.parametrize("mode", QueryMode)
def test_query_answer_is_sentences_of_the_documents(store: EmbeddedGraphStore, nlp: Language, mode: QueryMode) -> None:
    store.write(batch("b", FILES))
    answer = ask(store, nlp, ENCODER, load_schema(), "Which Lyons has EDSAC?", mode)
    assert answer.mode is mode
    assert answer.sentences[0].text == "Lyons employs EDSAC."
    assert len(answer.sentences) <= ANSWER_SENTENCES
    for found in (*answer.sentences, *answer.passages):
        assert FILES[found.source.path][found.source.start : found.source.end] == found.text
    scores = [sentence.score or 0 for sentence in answer.sentences]
    assert scores == sorted(scores, reverse=True)


def test_query_finds_directed_statements(store: EmbeddedGraphStore, nlp: Language) -> None:
    store.write(batch("b", FILES))
    answer = ask(store, nlp, ENCODER, load_schema(), "Lyons employs EDSAC?", QueryMode.HYBRID)
    assert {"Lyons", "EDSAC"} <= {entity.name for entity in answer.entities}
    ((statement,),) = [
        relation.statements for relation in answer.relations if "Lyons" in (relation.head, relation.tail)
    ]
    assert (statement.head, statement.predicate, statement.tail) == ("Lyons", "employer", "EDSAC")


def test_query_of_an_empty_graph_finds_nothing(store: EmbeddedGraphStore, nlp: Language) -> None:
    answer = ask(store, nlp, ENCODER, load_schema(), "Who employs EDSAC?", QueryMode.MIX)
    assert (answer.entities, answer.relations, answer.passages, answer.sentences) == ((), (), (), ())


@pytest.mark.parametrize("question", ["", " ", "AB"])
def test_query_that_lightrag_refuses_is_an_input_error(store: EmbeddedGraphStore, nlp: Language, question: str) -> None:
    store.write(batch("b", FILES))
    with pytest.raises(InputError, match="cannot be asked"):
        ask(store, nlp, ENCODER, load_schema(), question, QueryMode.MIX)
