"""The pattern files, and how measured counts become a confidence."""

import json
from importlib.resources import files

import pytest

from aegis_pipeline.records import Mention, Span
from aegis_pipeline.relations import load_patterns, predicate
from aegis_pipeline.relations.parse.frames import Argument, Frame
from aegis_pipeline.relations.parse.pattern_files import COMPOSED, COMPOSED_ACROSS, Measured, Precision
from aegis_pipeline.relations.parse.patterns import REFERRED, End, Pattern, Patterns, Reading


def name(text, at=0):
    return Mention("d", "d:0", 0, Span(at, at + len(text)), text, "X", "x", "test")


def test_confidence_is_drawn_towards_the_average():
    counts = {"rare": Measured(right=1, found=1), "often": Measured(right=49, found=99)}
    precision = Precision(command="c", data="d", readings=counts)
    assert precision.confidence("rare") == 0.6  # (1 + 4 * .5) / (1 + 4)
    assert precision.confidence("unseen") == 0.5
    assert precision.confidence("often") == pytest.approx(51 / 103, abs=1e-4)


def test_confidence_by_reference_is_measured_apart():
    counts = {"he": Measured(right=8, found=10), f"he{REFERRED}": Measured(right=1, found=10)}
    precision = Precision(command="c", data="d", readings=counts)
    assert precision.confidence("he") == 0.8
    assert precision.referred("he") == pytest.approx((1 + 4 * 0.8 * 0.1 / 0.8) / 14, abs=1e-4)
    assert precision.referred("unseen") == pytest.approx(0.8 * 0.1 / 0.8, abs=1e-4)


@pytest.mark.parametrize(
    ("end", "allowed"),
    [
        (End(frozenset(), frozenset({"place"})), True),
        (End(frozenset(), frozenset({"person"})), False),
        (End(frozenset(), frozenset({"person"}), names=frozenset({"gulf of x"})), True),
        (End(frozenset(), frozenset({"place"}), names=frozenset({"gulf"})), False),
        (End(frozenset(), frozenset({"place"}), not_names=frozenset({"gulf of x"})), False),
        (End(frozenset(), frozenset({"place"}), words=frozenset({"gulf"})), True),
        (End(frozenset(), frozenset({"place"}), words=frozenset({"lake"})), False),
    ],
)
def test_end_allows(end, allowed):
    assert end.allows(name("the Gulf of X"), "place") is allowed


def test_statement_and_its_inverse():
    capital = Pattern(
        triggers=frozenset({"capital"}),
        head=End(frozenset({"self"}), frozenset({"place"})),
        tail=End(frozenset({"of"}), frozenset({"place"})),
        reading=Reading("r", predicate("capital_of"), 0.9, 0.7),
        inverse=Reading("i", predicate("capital"), 0.8, 0.6),
    )
    city, land = name("Ghent"), name("Flanders", 9)
    frame = Frame("capital", (Argument("self", city), Argument("of", land)))
    stated = list(Patterns([capital], "1", 0.5, 0.5).stated(frame, {city.id: "place", land.id: "place"}))
    assert [(s.predicate.key, s.head, s.tail, s.confidence) for s in stated] == [
        ("capital_of", city, land, 0.9),
        ("capital", land, city, 0.8),
    ]


def test_files_load_with_a_confidence_for_every_reading():
    patterns = load_patterns()
    readings = [r for p in patterns.all for r in (p.reading, p.inverse) if r]
    assert len({r.id for r in readings}) == len(readings)
    assert all(0 < r.confidence < 1 for r in readings)
    assert 0.5 < patterns.composed < 1


def test_measured_readings_are_those_of_the_patterns():
    """Whoever renames a pattern measures again: python scripts/measure_relations.py GOLD --calibrate."""
    measured = json.loads(files("aegis_pipeline.relations.parse").joinpath("precision.json").read_text("utf-8"))
    readings = {r.id for p in load_patterns().all for r in (p.reading, p.inverse) if r}
    known = readings | {reading + REFERRED for reading in readings} | {COMPOSED, COMPOSED_ACROSS}
    assert measured["readings"].keys() <= known


def test_every_pattern_allows_what_the_mentions_room_can_give():
    assert all(p.head.roles and p.tail.roles and p.head.types and p.tail.types for p in load_patterns().all)
