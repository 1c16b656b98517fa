"""Names taken apart: acronyms, titles, initials, and what two spellings have in common."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aegis_pipeline.entities.names import (
    Name,
    given_names_clash,
    has_initials,
    initials,
    is_part,
    likeness,
    may_abbreviate,
    parse,
    persons_clash,
    share_initials,
)
from aegis_pipeline.entities.normalise import normalise


def name(surface: str) -> Name:
    return parse(surface, normalise(surface))


@pytest.mark.parametrize(
    ("surface", "acronym"),
    [
        ("NATO", "nato"),
        ("U.S.", "us"),
        ("PCs", "pc"),
        ("MP3", "mp3"),
        ("AT&T", "att"),
        ("BASIC-PLUS", "basicplus"),
        ("McD", "mcd"),
        ("ÉDF", ""),
        ("Nato", ""),
        ("I", ""),
        ("A.", ""),
        ("Acorn RISC", ""),
        ("INTERNATIONAL", ""),  # a word in capitals, longer than acronyms are
    ],
)
def test_names_acronym(surface: str, acronym: str) -> None:
    assert name(surface).acronym == acronym


@pytest.mark.parametrize(
    ("surface", "core"),
    [
        ("Dr. Ada Lovelace", ("ada", "lovelace")),
        ("Sir John", ("john",)),
        ("Rev. Prof. Müller", ("muller",)),
        ("General", ("general",)),  # a title alone is a name
        ("Saint-Saëns", ("saens",)),
        ("J. R. R. Tolkien", ("jrr", "tolkien")),
    ],
)
def test_names_core_has_no_titles(surface: str, core: tuple[str, ...]) -> None:
    assert name(surface).core == core


def test_names_digits() -> None:
    assert name("IBM 7090/94").digits == ("7090", "94")


@pytest.mark.parametrize(
    ("surface", "found"),
    [
        ("Bank of England", {"boe", "be"}),
        ("Acorn Computers Ltd", {"acl", "ac"}),
        ("Acme", {"a"}),
        ("Of The", {"ot"}),  # linking words alone: no initials that every such name would share
        ("...", set()),
    ],
)
def test_names_initials(surface: str, found: set[str]) -> None:
    assert initials(name(surface)) == found


@pytest.mark.parametrize(
    ("acronym", "full", "by_initials", "by_letters"),
    [
        ("NASA", "National Aeronautics and Space Administration", True, True),
        ("ICL", "International Computers Limited", True, True),
        ("IC", "International Computers Limited", True, True),
        ("UNESCO", "United Nations Educational, Scientific and Cultural Organization", True, True),
        ("LEO", "Lyons Electronic Office", True, True),
        ("DECNET", "Digital Equipment Corporation Network", False, True),
        ("BENELUX", "Belgium Netherlands Luxembourg", False, True),
        ("BELGINE", "Belgium Netherlands", False, False),  # a word gives four letters at most
        ("NPL", "National Physical Laboratory", True, True),
        ("PLN", "National Physical Laboratory", False, False),
        ("ATT", "Acorn", False, False),
        ("Nasa", "National Aeronautics and Space Administration", False, False),
    ],
)
def test_names_abbreviations(acronym: str, full: str, by_initials: bool, by_letters: bool) -> None:
    assert has_initials(name(acronym), name(full)) == by_initials
    assert may_abbreviate(name(acronym), name(full)) == by_letters


def test_names_may_abbreviate_does_not_try_every_way_to_read_a_long_name(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0

    def count(letters: str, word: str) -> bool:
        nonlocal tried
        tried += 1
        return set(letters) == {"a"}

    monkeypatch.setattr("aegis_pipeline.entities.names._in_order", count)
    words = 2 * sys.getrecursionlimit()
    assert not may_abbreviate(name("AAAAAAAAAB"), name(" ".join(["aaaa"] * words)))
    assert tried <= words * 10 * 4


@pytest.mark.parametrize(
    ("short", "full", "expected"),
    [
        ("Lovelace", "Ada Lovelace", True),
        ("Dr. Lovelace", "Ada Lovelace", True),
        ("Ada Lovelace", "Ada Lovelace", False),
        ("Ada Byron", "Ada Lovelace", False),
        ("---", "Ada Lovelace", False),
    ],
)
def test_names_is_part(short: str, full: str, expected: bool) -> None:
    assert is_part(name(short), name(full)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("National Football League", "National Footbal League", False),  # spelled too much alike
        ("National Physical Laboratory", "New Party of Liberia", True),
        ("Bank of England", "Bureau of Energy", True),
        ("National Laboratory", "National Physical Laboratory", False),
        ("Acorn", "Acme", False),
        ("Company Limited", "Holdings Group", False),  # both of words that have no initials of their own
    ],
)
def test_names_share_initials(one: str, other: str, expected: bool) -> None:
    assert share_initials(name(one), name(other)) == share_initials(name(other), name(one)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Tom Kilburn", "Ann Kilburn", True),
        ("T. Kilburn", "Tom Kilburn", False),
        ("G. Kilburn", "Tom Kilburn", True),
        ("Tom Kilburn", "Tom B. Kilburn", False),
        ("Mr Kilburn", "Tom Kilburn", False),
        ("Tom Kilburn", "Ann Williams", False),
    ],
)
def test_names_given_names_clash(one: str, other: str, expected: bool) -> None:
    assert given_names_clash(name(one), name(other)) == given_names_clash(name(other), name(one)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Paul Desmarais Jr.", "Paul Desmarais Sr.", True),
        ("Paul Desmarais Jr.", "Paul Desmarais", False),
        ("Ramesses II", "Ramesses III", True),
        ("Tom Kilburn", "Ann Kilburn", True),
    ],
)
def test_persons_of_other_generations_clash(one: str, other: str, expected: bool) -> None:
    assert persons_clash(name(one), name(other)) == persons_clash(name(other), name(one)) == expected


HOSTILE = [
    "",
    " ",
    "\u0301",
    "\u0302",
    "---",
    "(.,/)",
    "😀",
    "😀 😀",
    "S" * 10_000,
    "a " * 5_000,
    "A." * 5_000,
    "中 文",
]


@settings(deadline=None)
@given(st.one_of(st.sampled_from(HOSTILE), st.text()), st.one_of(st.sampled_from(HOSTILE), st.text()))
@example("\u0301", "\u0302")
@example("b " * 5_000, "BB")
def test_names_of_any_text_can_be_compared(one: str, other: str) -> None:
    first, second = name(one), name(other)
    assert 0 <= likeness(first.key, second.key) <= 1
    assert likeness(first.key, first.key) in (0, 1)
    for compare in (has_initials, may_abbreviate, is_part, share_initials, given_names_clash, persons_clash):
        assert compare(first, second) in (True, False)
    assert not is_part(first, first)
