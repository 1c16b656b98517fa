"""Phase 2 as a whole: mentions in, entities and the merge log out."""

import json
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aegis_pipeline
from aegis_pipeline.benchmarks.scoring import Prediction, load, score
from aegis_pipeline.entities import link_mentions
from aegis_pipeline.models import load_encoder
from aegis_pipeline.records import Entity, Mention, Span
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.entities.texts import ENCODE, linked, said

GOLD = Path(aegis_pipeline.__file__).parent / "samples" / "gold" / "identity.jsonl"


def names(entities: Iterable[Entity]) -> dict[str, tuple[str, ...]]:
    return {entity.key: entity.aliases for entity in entities}


def test_link_no_mentions() -> None:
    found = link_mentions([], ENCODE)
    assert (found.entities, found.merges) == ((), ())


def test_link_encodes_distinct_keys_once_and_no_values() -> None:
    asked: list[list[str]] = []

    def encode(keys: Any) -> Any:
        asked.append(list(keys))
        return ENCODE(keys)

    link_mentions([*said("d1", "{Acme|work} and {ACME|work}."), *said("d2", "{Acme|work}, {1948|date}.")], encode)
    assert asked == [["acme"]]


# --- one name


def test_link_one_name_is_one_entity_over_the_batch() -> None:
    found = linked(
        said("d1", "{U.S.|place} grew."), said("d2", "{US|place}, the {U.S.|place}."), said("d3", "{Us|place}.")
    )
    (entity,) = found.entities
    assert len(entity.mentions) == 4
    assert entity.name == "U.S."


def test_link_within_a_document_the_label_does_not_matter() -> None:
    found = linked(said("d1", "{Jordan|place}, {Jordan|place} and {Jordan|person}."))
    assert [(e.key, e.type) for e in found.entities] == [("Jordan", "place")]


def test_link_homonyms_of_two_documents_stay_apart_with_a_suffix() -> None:
    found = linked(said("d1", "{Jordan|place}."), said("d2", "{Jordan|person}."), said("d3", "{Jordan|place}."))
    assert [(e.key, e.name, e.type) for e in found.entities] == [
        ("Jordan", "Jordan", "place"),
        ("Jordan (person)", "Jordan", "person"),
    ]
    assert not any(decision.accepted for decision in found.merges)


def test_link_a_name_of_unknown_type_goes_with_what_others_say() -> None:
    found = linked(said("d1", "{Jordan|person}."), said("d2", "{Jordan|other}."))
    assert [(e.key, e.type) for e in found.entities] == [("Jordan", "person")]


def test_link_a_year_is_no_book() -> None:
    found = linked(said("d1", "{1984|date}, {1984|date}."), said("d2", "{1984|work}."))
    assert {e.key: e.is_node for e in found.entities} == {"1984": True, "1984 (date)": False}


def test_link_ids_depend_on_the_entity_alone() -> None:
    (alone,) = linked(said("d9", "{Acme|organization}.")).entities
    among = linked(said("d1", "{ACME|organization} in {Rome|place}.")).entities
    assert alone.id in {e.id for e in among}
    assert alone.id.startswith("ent-")


# --- what the user says


def test_link_the_glossary_says_what_a_thing_is_called() -> None:
    mentions = [*said("d1", "{GS|tool} ran."), *said("d2", "{gs|tool} and {graph store|tool}.")]
    found = linked(mentions, same_names={"GS": "Graph Store"})
    assert names(found.entities) == {"Graph Store": ("GS", "graph store", "gs")}
    assert len(linked(mentions).entities) == 2


# --- any small world

NAMES = [
    *("Tom Kilburn", "Kilburn", "T. Kilburn", "Ann Kilburn", "Dr. Kilburn", "Kilburn Ltd"),
    *("National Physical Laboratory", "NPL", "N.P.L.", "New Party of Liberia", "NPLs"),
    *("US", "U.S.", "United States", "Us", "1984", "---", "😀", "\u0301", "Of The", "the", "12"),
]
FORMS = [
    "{} came.",
    "The rocket {} was new.",
    "{}, a computer, ran.",
    "They saw the other {}.",
    "{} ({}) grew.",
    "{} or {}.",
]
TYPES = ["person", "place", "organization", "other", "date"]


@st.composite
def worlds(draw: st.DrawFn) -> list[Mention]:
    mentions: list[Mention] = []
    for document in ("d1", "d2", "d3"):
        forms = draw(st.lists(st.sampled_from(FORMS), max_size=4))
        marked = st.tuples(st.sampled_from(NAMES), st.sampled_from(TYPES)).map(lambda pair: "{%s|%s}" % pair)  # noqa: UP031 (braces)
        mentions += said(document, *(form.format(*(draw(marked) for _ in range(form.count("{}")))) for form in forms))
    return mentions


@settings(deadline=None, max_examples=60)
@given(worlds(), st.randoms(use_true_random=False))
def test_link_any_order_gives_the_same_whole_partition(mentions: list[Mention], order: random.Random) -> None:
    found = linked(mentions)
    shuffled = order.sample(mentions, len(mentions))
    assert linked(shuffled) == found
    linked_mentions = Counter(mention.id for entity in found.entities for mention in entity.mentions)
    assert linked_mentions == Counter(mention.id for mention in mentions)
    for attribute in ("id", "key"):
        values = [getattr(entity, attribute) for entity in found.entities]
        assert len(set(values)) == len(values)
        assert all(values)
    accepted = Counter((d.entity_id, d.alias) for d in found.merges if d.accepted)
    assert accepted == Counter((e.id, alias) for e in found.entities for alias in e.aliases)


# --- the samples


def gold_mentions() -> list[Mention]:
    """The labelled mentions, in the sentences of the gold, with a type where phase 1 would give one."""
    types = {"PER": "person", "ORG": "organization", "LOC": "place", "TIME": "date", "NUM": "number", "MISC": "other"}
    found = []
    for document in map(json.loads, GOLD.read_text(encoding="utf-8").splitlines()):
        text = document["text"]
        for m in document["mentions"]:
            at = next(k for k, (start, end) in enumerate(document["sents"]) if start <= m["start"] < end)
            start, end = document["sents"][at]
            found.append(
                Mention(
                    document["id"],
                    f"{document['id']}-0",
                    at,
                    Span(m["start"], m["end"]),
                    text[m["start"] : m["end"]],
                    m["type"],
                    types[m["type"]],
                    "gold",
                    context=text[start:end],
                )
            )
    return found


def predictions(entities: Iterable[Entity]) -> dict[str, Prediction]:
    found: dict[str, Prediction] = {}
    for entity in entities:
        for document in {mention.document_id for mention in entity.mentions}:
            places = [
                {"start": m.span.start, "end": m.span.end, "label": m.label}
                for m in entity.mentions
                if m.document_id == document
            ]
            line = found.setdefault(document, {"id": document, "nodes": [], "edges": []})
            line["nodes"].append({"id": entity.id, "mentions": places})  # type: ignore[typeddict-item]
    return found


@pytest.mark.models
def test_link_merges_nothing_of_the_samples_that_is_not_one() -> None:
    encoder = load_encoder(Settings(_env_file=None).encoder_model, device="cpu")
    found = link_mentions(gold_mentions(), encoder.encode)
    pairwise = score(load(GOLD), predictions(found.entities))["pairwise"]
    assert pairwise["fp"] == 0
    assert pairwise["r"] > 0.6  # merging nothing at all would have no false pairs either
