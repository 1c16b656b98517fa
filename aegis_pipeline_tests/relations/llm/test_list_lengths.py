"""How long lists may be: longer than any document needs, and never so long that they cannot end."""

import pytest

from aegis_pipeline.relations.llm.list_lengths import list_lengths
from aegis_pipeline.relations.llm.sections import Section, section
from aegis_pipeline_tests.fakes.llm_server import FakeLLM, Told
from aegis_pipeline_tests.relations.llm.conftest import Build
from aegis_pipeline_tests.relations.llm.documents import document, documents

TOKENS_OF_A_LONG_STATEMENT = 45  # measured: docs/llm-relations.md


def sections(*chunks: int) -> dict[str, Section]:
    """Documents of so many chunks, with two entities in each."""
    read = {f"d{number}": document(f"x{number}x", count) for number, count in enumerate(chunks, start=1)}
    return {key: section(each, each.chunks) for key, each in read.items()}


def test_lists_are_long_where_a_usual_answer_fits() -> None:
    assert list_lengths(sections(1, 5), 12_288, is_tight=False) == {"d1": 8, "d2": 40}


@pytest.mark.parametrize("is_tight", [False, True])
def test_full_lists_fit_where_the_answer_may_be_short(is_tight: bool) -> None:
    lengths = list_lengths(sections(10, 20), 1024, is_tight=is_tight)
    assert lengths["d1"] * 2 == lengths["d2"]
    assert 0.8 * 1024 < sum(lengths.values()) * TOKENS_OF_A_LONG_STATEMENT < 1024


def test_no_list_is_shut() -> None:
    assert set(list_lengths(sections(*[1] * 50), 64, is_tight=True).values()) == {1}


def test_after_an_answer_that_was_cut_off_lists_can_end(llm: FakeLLM, build: Build) -> None:
    llm.told.append(Told(text='{"d1": [', is_cut=True))
    build(relation_answer_tokens=1024).extract(documents(10))
    asked = [body.get("format") or body["response_format"]["json_schema"]["schema"] for body in llm.chats]
    first, *halves = [sum(one["maxItems"] for one in schema["properties"].values()) for schema in asked]
    assert first * TOKENS_OF_A_LONG_STATEMENT > 1024
    assert len(halves) == 2
    assert all(half * TOKENS_OF_A_LONG_STATEMENT <= 1024 for half in halves)
