"""Phase 2: normalising, senses, names, keys and the merge log."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lightrag.utils import normalize_entity_name

from aegis_pipeline.entities import graph_key, link_mentions, normalise
from aegis_pipeline.entities.keys import KEY_MAX_BYTES, KEY_MAX_CHARACTERS
from aegis_pipeline.records import Entity, Mention, Span

TRICKY = st.text(alphabet="aA.Uu S&'’\"“the -–(1)５ß\u00a0ﬁ;<p>/ampİé中", max_size=24)


def mention(text: str, kind: str = "organization", document: str = "d1", start: int = 0, **values: object) -> Mention:
    span = Span(start, start + len(text))
    return Mention(document, f"{document}-0", 0, span, text, kind.upper(), kind, **{"source": "spacy", **values})  # type: ignore[arg-type]


def mentions(*rows: tuple[str, str] | tuple[str, str, str]) -> list[Mention]:
    return [mention(row[0], row[1], *row[2:], start=100 * k) for k, row in enumerate(rows)]


def names(entities: tuple[Entity, ...]) -> dict[str, tuple[str, ...]]:
    return {entity.key: entity.aliases for entity in entities}


# --- normalising


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


# --- identity


def test_one_name_is_one_entity_over_the_batch() -> None:
    found = link_mentions(
        mentions(("U.S.", "place"), ("US", "place", "d2"), ("the U.S.", "place", "d2"), ("Us", "place", "d3"))
    )
    assert len(found.entities) == 1
    assert len(found.entities[0].mentions) == 4


def test_within_a_document_the_label_does_not_matter() -> None:
    found = link_mentions(mentions(("Jordan", "place"), ("Jordan", "place"), ("Jordan", "person")))
    assert [(e.key, e.type) for e in found.entities] == [("Jordan", "place")]


def test_homonyms_of_two_documents_stay_apart_with_a_suffix() -> None:
    found = link_mentions(mentions(("Jordan", "place"), ("Jordan", "place"), ("Jordan", "person", "d2")))
    assert [(e.key, e.name, e.type) for e in found.entities] == [
        ("Jordan", "Jordan", "place"),
        ("Jordan (person)", "Jordan", "person"),
    ]
    assert found.merges == ()


def test_unknown_type_goes_with_what_others_say() -> None:
    found = link_mentions(mentions(("Jordan", "person"), ("Jordan", "other", "d2")))
    assert [(e.key, e.type) for e in found.entities] == [("Jordan", "person")]


def test_a_year_is_no_book() -> None:
    found = link_mentions(mentions(("1984", "date"), ("1984", "date"), ("1984", "work", "d2")))
    assert sorted(e.key for e in found.entities) == ["1984", "1984 (work)"]


def test_suffix_does_not_take_a_name_that_is_there() -> None:
    rows = mentions(
        ("Jordan", "place"), ("Jordan", "place"), ("Jordan", "person", "d2"), ("Jordan (person)", "work", "d3")
    )
    entities = link_mentions(rows).entities
    assert len({e.key for e in entities}) == 3
    third = next(e for e in entities if e.type == "person")
    assert third.key == f"Jordan (person, {third.id})"


def test_numbers_are_no_nodes_and_take_no_keys_from_nodes() -> None:
    rows = [mention("Seven", "number", is_node=False), mention("Seven", "work", "d2")]
    entities = {e.type: e for e in link_mentions(rows).entities}
    assert (entities["work"].key, entities["work"].is_node) == ("Seven", True)
    assert (entities["number"].key, entities["number"].is_node) == ("Seven (number)", False)


def test_ids_depend_on_the_entity_alone() -> None:
    alone = link_mentions([mention("Acme", document="d9")]).entities[0]
    among = link_mentions(mentions(("ACME", "organization"), ("Rome", "place"))).entities
    assert alone.id in {e.id for e in among}
    assert alone.id.startswith("ent-")


def test_order_of_mentions_does_not_matter() -> None:
    rows = mentions(
        ("Acme", "organization"), ("ACME", "product", "d2"), ("Jordan", "place"), ("Jordan", "person", "d2")
    )
    assert link_mentions(rows[::-1]) == link_mentions(rows)


def test_no_mentions() -> None:
    assert link_mentions([]).entities == ()


# --- names and log


def test_canonical_name_is_most_frequent_then_longest_then_first() -> None:
    rows = mentions(("US", "place"), ("US", "place"), ("U.S.", "place"))
    assert names(link_mentions(rows).entities) == {"US": ("U.S.",)}
    assert names(link_mentions(rows[1:]).entities) == {"U.S.": ("US",)}
    rows = mentions(("Tears for Fears", "other"), ("Tears For Fears", "other"))
    assert names(link_mentions(rows).entities) == {"Tears For Fears": ("Tears for Fears",)}


def test_merge_log_has_one_decision_an_alias() -> None:
    found = link_mentions(mentions(("US", "place"), ("US", "place"), ("U.S.", "place"), ("the US", "place")))
    assert [(d.name, d.alias, d.accepted, d.reason, d.score, d.evidence) for d in found.merges] == [
        ("US", "U.S.", True, "normalised_key", 1.0, "us"),
        ("US", "the US", True, "normalised_key", 1.0, "us"),
    ]
    assert {d.entity_id for d in found.merges} == {found.entities[0].id}


def test_names_that_the_user_declares_the_same() -> None:
    rows = [mention("GS", "tool", source="glossary"), mention("gs", "tool", "d2"), mention("graph store", "tool", "d3")]
    found = link_mentions(rows, {"GS": "Graph Store"})
    assert names(found.entities) == {"Graph Store": ("GS", "graph store", "gs")}
    assert {d.alias: d.reason for d in found.merges} == {
        "GS": "glossary",
        "gs": "glossary",
        "graph store": "normalised_key",
    }


def test_glossary_decides_the_type() -> None:
    rows = [*mentions(("Acme", "product"), ("Acme", "product")), mention("Acme", "tool", start=900, source="glossary")]
    assert [entity.type for entity in link_mentions(rows).entities] == ["tool"]


# --- keys


@pytest.mark.parametrize("name", ["12", "3.1", "7", "1.2.3"])
def test_a_name_that_lightrag_drops_gets_a_suffix(name: str) -> None:
    assert graph_key(name) == ""
    (entity,) = link_mentions([mention(name, "date")]).entities
    assert entity.key == f"{name} (date)"
    assert normalize_entity_name(entity.key) == entity.key


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


@given(
    st.lists(st.tuples(TRICKY.filter(str.strip), st.sampled_from(["person", "place", "number"]), st.sampled_from("ab")))
)
def test_no_two_entities_share_a_key(rows: list[tuple[str, str, str]]) -> None:
    found = link_mentions(mentions(*rows))
    keys = [entity.key for entity in found.entities]
    assert len(set(keys)) == len(keys)
    assert all(key and normalize_entity_name(key) == key for key in keys)
    assert sum(len(entity.mentions) for entity in found.entities) == len(rows)


def test_names_that_are_equal_only_after_the_cut() -> None:
    rows = mentions(("x" * 300 + "a", "work"), ("x" * 300 + "b", "work"), ("é" * 300, "work"))
    keys = [entity.key for entity in link_mentions(rows).entities]
    assert len(set(keys)) == 3
    assert all(graph_key(key) == key for key in keys)
