"""The normalised key of a name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aegis_pipeline.entities import normalise

TRICKY = st.text(alphabet="aA.Uu S&'’\"“the -–(1)５ß\u00a0ﬁ;<p>/ampİé中", max_size=24)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the U.S. Navy's", "US Navy"),
        ("U.S", "US"),
        ("U. S. Navy", "us navy"),
        ("AT&T", "at and t"),
        ("“Tears for Fears”", "Tears For Fears"),
        ("St. Louis", "St Louis"),
        ("Acme, Inc.", "Acme, Inc"),
        ("New\n York", "New York"),
        ("Ｔｏｋｙｏ", "Tokyo"),
        ("Minneapolis–St Paul", "Minneapolis-St Paul"),
        ("[Mercury]", "mercury"),
    ],
)
def test_normalise_makes_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"),
        ("-3", "3"),
        ("1,000", "1000.0"),
        ("1997-8", "1997"),
        ("5%", "5"),
        ("$5", "5"),
        ("A", "B"),
        ("C", "C++"),
    ],
)
def test_normalise_keeps_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.one_of(TRICKY, st.text(max_size=60)))
@example("the the Acme")
def test_normalise_is_idempotent_and_never_loses_everything(name: str) -> None:
    once = normalise(name)
    assert normalise(once) == once
    assert bool(once) == bool(name.strip())
