"""The lists that phase 2 reads: words, kinds of things, and names that everyone knows."""

import tomllib
from collections import Counter
from importlib.resources import files
from itertools import chain
from typing import Any

import pytest

from aegis_pipeline.entities import normalise, word_lists
from aegis_pipeline.entities.cues import kind_in_name
from aegis_pipeline.entities.names import folded
from aegis_pipeline.entities.well_known import well_known


def listed(name: str) -> Any:
    return tomllib.loads(files("aegis_pipeline.entities").joinpath(name).read_text(encoding="utf-8"))


def repeated(words: list[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


WORDS = listed("word_lists.toml")
KINDS = listed("descriptors.toml")["kinds"]
NAMES = listed("well_known.toml")["names"]


def test_data_files_have_no_word_twice() -> None:
    assert repeated([noun.lower() for nouns in KINDS.values() for noun in nouns]) == []
    assert {name: repeated(words.split()) for name, words in WORDS.items()} == {name: [] for name in WORDS}


def test_data_files_have_no_name_in_two_lines() -> None:
    keys = [{normalise(alias) for alias in (name, *aliases)} for name, aliases in NAMES.items()]
    assert repeated(list(chain.from_iterable(keys))) == []
    assert set(well_known()) == set().union(*keys)


def test_data_files_have_every_well_known_name_once_a_line() -> None:
    for name, aliases in NAMES.items():
        assert repeated([normalise(alias) for alias in (name, *aliases)]) == []


@pytest.mark.parametrize("word", sorted({word for words in WORDS.values() for word in words.split()}))
def test_data_files_have_words_as_keys_have_them(word: str) -> None:
    assert word == folded(word).casefold()
    assert word.isalnum()


@pytest.mark.parametrize("kind", KINDS)
def test_data_files_have_nouns_that_are_found(kind: str) -> None:
    assert KINDS[kind]
    assert {kind_in_name([noun.lower()]) for noun in KINDS[kind]} == {kind}
    assert all(noun.isascii() and noun.replace(" ", "").isalpha() for noun in KINDS[kind])


def test_data_files_of_words_are_all_read() -> None:
    assert set(WORDS) == {"titles", "generations", "linking", "legal_forms", "company", "kinds"}
    assert set(WORDS["company"].split()) <= word_lists.COMPANY
    assert word_lists.LEGAL_FORMS < word_lists.COMPANY
