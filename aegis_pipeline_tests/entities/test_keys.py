"""Keys of the graph: names that LightRAG leaves as they are, one for each entity."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lightrag.utils import normalize_entity_name

from aegis_pipeline.entities import graph_key
from aegis_pipeline.entities.keys import _LEFT_ALONE, KEY_MAX_BYTES, KEY_MAX_CHARACTERS, entity_id, with_unique_keys
from aegis_pipeline.records import Entity, Mention, Span

TRICKY = st.text(alphabet="aA.Uu S&'’\"“the -–(1)５ß\u00a0ﬁ;<p>/ampİé中", max_size=24)
TYPES = st.sampled_from(["person", "place", "number"])


def entity(name: str, kind: str, documents: int = 1, *, is_node: bool = True, mark: str = "") -> Entity:
    span = Span(0, len(name))
    mentions = tuple(
        Mention(f"d{number}", "c", 0, span, name, kind.upper(), kind, "spacy") for number in range(documents)
    )
    return Entity(entity_id(name, f"{kind} {mark}"), name, name, kind, (), mentions, is_node)


def keys(*entities: Entity) -> list[str]:
    return [found.key for found in with_unique_keys(entities)]


# --- one name as LightRAG keeps it


@pytest.mark.parametrize("name", ["12", "3.1", "7", "1.2.3"])
def test_a_name_that_lightrag_drops_gets_a_suffix(name: str) -> None:
    assert graph_key(name) == ""
    assert keys(entity(name, "date")) == [f"{name} (date)"]
    assert normalize_entity_name(f"{name} (date)") == f"{name} (date)"


def test_a_year_is_its_own_key() -> None:
    assert graph_key("1948") == "1948"


@given(st.one_of(TRICKY, st.text(max_size=400)))
@example("A &amp;amp; B")
@example("é" * 400)
def test_graph_key_is_left_alone_by_the_installed_lightrag(name: str) -> None:
    key = graph_key(name)
    assert normalize_entity_name(key) == key
    assert len(key) <= KEY_MAX_CHARACTERS
    assert len(key.encode()) <= KEY_MAX_BYTES


@given(st.from_regex(_LEFT_ALONE, fullmatch=True))
def test_names_that_graph_key_leaves_alone_lightrag_leaves_alone_too(name: str) -> None:
    assert normalize_entity_name(name) == graph_key(name) == name


# --- entities of one name


def test_the_type_that_most_documents_mention_has_the_plain_name() -> None:
    assert keys(entity("Jordan", "person"), entity("Jordan", "place", 2)) == ["Jordan (person)", "Jordan"]


def test_of_two_with_one_type_the_second_has_its_id_too() -> None:
    first, second = entity("Mercury", "work", 2), entity("Mercury", "work", mark="rocket")
    assert keys(second, first) == [f"Mercury (work, {second.id})", "Mercury"]


def test_a_suffix_does_not_take_a_name_that_is_there() -> None:
    found = keys(entity("Jordan", "place", 2), entity("Jordan", "person"), entity("Jordan (person)", "work"))
    assert found == ["Jordan", f"Jordan (person, {entity_id('Jordan', 'person')})", "Jordan (person)"]


def test_a_number_takes_no_key_from_a_node() -> None:
    assert keys(entity("Seven", "number", 9, is_node=False), entity("Seven", "work")) == ["Seven (number)", "Seven"]


def test_names_that_are_equal_only_after_the_cut() -> None:
    found = keys(entity("x" * 300 + "a", "work"), entity("x" * 300 + "b", "work"), entity("é" * 300, "work"))
    assert len(set(found)) == 3
    assert all(graph_key(key) == key for key in found)


def test_names_of_one_type_that_are_equal_only_after_the_cut_are_told_apart_by_what_they_are() -> None:
    found = keys(*(entity("x" * 300, "work", mark=mark) for mark in ("rocket", "computer", "moon")))
    assert len(set(found)) == 3
    assert all(graph_key(key) == key for key in found)


@given(st.dictionaries(st.tuples(TRICKY.filter(str.strip), TYPES), st.integers(1, 3)))
def test_no_two_entities_share_a_key(rows: dict[tuple[str, str], int]) -> None:
    found = keys(*(entity(name, kind, documents) for (name, kind), documents in rows.items()))
    assert len(set(found)) == len(found) == len(rows)
    assert all(key and normalize_entity_name(key) == key for key in found)
