"""What two statements about places say together."""

from aegis_pipeline.records import Relation, Span
from aegis_pipeline.relations.parse.composition import COUNTRY, WITHIN, compose


def relation(head, predicate, tail, confidence=0.9, start=0):
    return Relation("d", "d:0", head, tail, predicate, "P", confidence, Span(start, 9), "test")


def composed(*relations):
    return {(r.head, r.predicate, r.tail) for r in compose(relations, 0.8, 0.6)}


def test_chain_up_to_the_country():
    chain = [
        relation("a", WITHIN, "b"),
        relation("b", WITHIN, "c"),
        relation("c", WITHIN, "d"),
        relation("c", COUNTRY, "d"),
    ]
    assert composed(*chain) == {
        ("a", WITHIN, "c"),
        ("a", WITHIN, "d"),
        ("b", WITHIN, "d"),
        ("a", COUNTRY, "d"),
        ("b", COUNTRY, "d"),
    }


def test_confidence_is_that_of_the_weakest():
    (one,) = compose([relation("a", WITHIN, "b", 0.4), relation("b", WITHIN, "c")], 0.8, 0.6)
    (other,) = compose([relation("a", WITHIN, "b"), relation("b", WITHIN, "c")], 0.8, 0.6)
    assert (one.confidence, other.confidence) == (0.4, 0.8)


def test_two_sentences_compose_less_surely_with_the_first_as_evidence():
    (one,) = compose([relation("a", WITHIN, "b", start=5), relation("b", COUNTRY, "c")], 0.8, 0.6)
    assert (one.head, one.predicate, one.tail) == ("a", COUNTRY, "c")
    assert (one.confidence, one.evidence.start) == (0.6, 5)


def test_a_country_is_within_nothing():
    assert composed(relation("a", COUNTRY, "b"), relation("b", WITHIN, "c")) == set()


def test_circle_ends():
    assert composed(relation("a", WITHIN, "b"), relation("b", WITHIN, "a")) == set()
