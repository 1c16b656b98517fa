"""Triples that the relation schema rules out are rejected, and counted by reason."""

from dataclasses import replace

from aegis_pipeline.records import Rejection, Relation, Span
from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.fitting import fit

BORN = Relation("d", "c", "marie", "warsaw", "place_of_birth", "P19", 0.9, Span(0, 1), "test")
TYPES = {"marie": "person", "warsaw": "place", "1867": "date"}


def test_what_fits_is_kept_in_its_order() -> None:
    died = replace(BORN, predicate="place_of_death", pid="P20")
    fitted = fit([died, BORN], TYPES, load_schema())
    assert fitted.relations == (died, BORN)
    assert fitted.rejected == ()


def test_what_cannot_be_is_counted_by_reason() -> None:
    wrong = [
        replace(BORN, head="warsaw", tail="marie"),
        replace(BORN, head="1867"),
        replace(BORN, tail="1867"),
        replace(BORN, tail="marie"),
        replace(BORN, predicate="likes"),
    ]
    fitted = fit([*wrong, BORN], TYPES, load_schema())
    assert fitted.relations == (BORN,)
    assert fitted.rejected == (
        Rejection("head_type", 2),
        Rejection("self_relation", 1),
        Rejection("tail_type", 1),
        Rejection("unknown_predicate", 1),
    )
