"""The merge log: every alias with its reason, and the nearest refusals."""

from collections import Counter

import pytest

from aegis_pipeline.entities.decisions import LEAST_REFUSAL, MOST_REFUSALS
from aegis_pipeline.records import EntityResult
from aegis_pipeline_tests.entities.texts import linked, said


def reasons(found: EntityResult) -> dict[str, str]:
    return {d.alias: d.reason for d in found.merges if d.accepted}


WORLD = [
    *said(
        "d1",
        "The {National Physical Laboratory|organization} ({NPL|organization}) hired {Tom Kilburn|person}.",
        "The {NPL|organization} paid {Kilburn|person} in the {U.S.|place}, not in {Britain|place}.",
        "{the US|place} and {United States|place} are one, {Ann Kilburn|person} said.",
    ),
    *said("d2", "{Atlas|product}, a rocket, flew over {the U.S.|place} and {New York|place}."),
    *said("d3", "The computer {Atlas|product} is old, and {N.P.L.|organization} too."),
]


def test_decisions_name_each_alias_of_each_entity_once() -> None:
    found = linked(WORLD)
    accepted = Counter((d.entity_id, d.alias) for d in found.merges if d.accepted)
    assert accepted == Counter((e.id, alias) for e in found.entities for alias in e.aliases)
    assert accepted


def test_decisions_are_of_entities_that_are_there() -> None:
    found = linked(WORLD)
    entities = {e.id: e for e in found.entities}
    for decision in found.merges:
        entity = entities[decision.entity_id]
        assert (decision.name, decision.type) == (entity.name, entity.type)
        assert 0 <= decision.score <= 1
        assert decision.evidence
        assert decision.accepted == (decision.alias in entity.aliases) or decision.reason == "homonym"


def test_decisions_do_not_depend_on_the_order_of_mentions() -> None:
    assert linked(WORLD[::-1]).merges == linked(WORLD).merges


@pytest.mark.parametrize(
    ("sentences", "alias", "reason"),
    [
        (("{US|place} and {US|place} and {U.S.|place}.",), "U.S.", "normalised_key"),
        (("The {National Physical Laboratory|organization} ({NPL|organization}) grew.",), "NPL", "acronym"),
        (("{United States|place} grew.", "{USA|place} fell."), "USA", "well_known"),
        (("{Tom Kilburn|person} came.", "{Kilburn|person} left."), "Kilburn", "part_of_person_name"),
    ],
)
def test_decisions_have_a_reason(sentences: tuple[str, ...], alias: str, reason: str) -> None:
    assert reasons(linked(said("d", *sentences))) == {alias: reason}


def test_decisions_across_documents_have_the_reason_of_their_groups() -> None:
    found = linked(said("d1", "{Burma|place} is old."), said("d2", "{Myanmar|place} is old."))
    assert reasons(found) == {"Burma": "well_known"}


def test_decisions_by_the_glossary() -> None:
    found = linked(
        said("d1", "{GS|tool} ran."), said("d2", "{gs|tool} and {graph store|tool}."), same_names={"GS": "Graph Store"}
    )
    assert [(e.name, e.aliases) for e in found.entities] == [("Graph Store", ("GS", "graph store", "gs"))]
    assert reasons(found) == {"GS": "glossary", "gs": "glossary", "graph store": "normalised_key"}


def test_decisions_tell_homonyms_of_each_other() -> None:
    found = linked(WORLD)
    told = {(d.name, d.evidence) for d in found.merges if d.reason == "homonym"}
    assert told == {("Atlas", "kind: rocket; 1 others of the name"), ("Atlas", "kind: computer; 1 others of the name")}


def test_decisions_tell_the_nearest_refusals_only() -> None:
    persons = ("Ann", "Ben", "Cy", "Don", "Eve", "Fay")
    named = [said(name, f"{{{name} Kilburn|person}} came.", "{Kilburn|person} left.") for name in persons]
    found = linked(*named, said("d", "{Kilburn|person} met {Zuse|person}."), said("e", "{Zuse|person} left."))
    (alone,) = (entity for entity in found.entities if entity.name == "Kilburn")
    refused = [d for d in found.merges if d.entity_id == alone.id]
    assert len(refused) == MOST_REFUSALS < len(persons)
    assert not any(decision.accepted for decision in refused)


def test_decisions_tell_a_near_miss_of_two_documents_once() -> None:
    sentences = ("{John Ronald Tolkien|person} wrote.", "{John Tolkien|person} wrote.")
    found = linked(said("d1", *sentences), said("d2", *sentences))
    full = next(entity for entity in found.entities if entity.name == "John Ronald Tolkien")
    (refused,) = (d for d in found.merges if d.entity_id == full.id)
    assert (refused.alias, refused.accepted) == ("John Tolkien", False)
    assert refused.score >= LEAST_REFUSAL
    assert "'John Tolkien' and 'John Ronald Tolkien' in d1: " in refused.evidence
