"""The names of one document: one bearer each, unless the text says that there are two."""

import pytest

from aegis_pipeline.entities.cues import OTHER_BEARER
from aegis_pipeline_tests.entities.texts import document, local, named, said


def bearers(key: str, *sentences: str) -> dict[str, list[str]]:
    """Bearer → the sentences' numbers in which it is named."""
    found = document(*sentences)
    return {n.bearer: [str(m.sentence) for m in n.mentions] for n in found.names if n.key == key}


def test_local_names_have_one_bearer_where_the_text_tells_one_kind_or_none() -> None:
    assert bearers("atlas", "The {Atlas|product} flew.", "{ATLAS|work} fell.") == {"": ["0", "1"]}
    told = document("The rocket {Atlas|product} was old.", "{Atlas|product} fell.")
    assert [(n.bearer, n.kind) for n in told.names] == [("", "rocket")]


def test_local_names_of_two_kinds_are_two_bearers() -> None:
    found = document(
        "{Atlas|product}, a rocket, flew.",
        "{Atlas|product} fell.",
        "{Atlas|product}, a computer of the time, ran.",
        "{Atlas|product} stopped.",
    )
    assert [(n.bearer, n.kind, [m.sentence for m in n.mentions]) for n in found.names] == [
        ("computer", "computer", [2, 3]),
        ("rocket", "rocket", [0, 1]),
    ]


def test_local_names_before_the_first_kind_are_of_it() -> None:
    rocket, computer = "{Atlas|product}, a rocket, flew.", "The computer {Atlas|product} was old."
    assert bearers("atlas", "The {Atlas|product} is here.", rocket, computer) == {
        "rocket": ["0", "1"],
        "computer": ["2"],
    }


def test_local_names_are_introduced_by_a_longer_name() -> None:
    found = bearers(
        "mercury",
        "The {Project Mercury|event} began.",
        "{Mercury|event} went on.",
        "The planet {Mercury|other} is near.",
        "The computer {Mercury|product} was old.",
        "{Mercury|product} stopped.",
    )
    assert found == {"mission": ["1"], "celestial": ["2"], "computer": ["3", "4"]}


def test_local_names_of_another_bearer_stand_alone() -> None:
    found = bearers(
        "cambridge", "{Cambridge|place} is old.", "They saw the other {Cambridge|place}.", "{Cambridge|place}."
    )
    assert sorted(found.values()) == [["0", "2"], ["1"]]
    (other,) = (bearer for bearer in found if bearer)
    assert other.startswith(OTHER_BEARER)
    assert bearers("cambridge", "They saw the other {Cambridge|place}.") == {"": ["0"]}


@pytest.mark.parametrize(
    ("spelled", "found"),
    [
        ("{Acorn RISC Machine|product}", {"acronym": ["0"], "": ["1"]}),
        ("{Advanced Things|product}", {"": ["0", "1"]}),  # nothing spells the acronym out
    ],
)
def test_local_names_tell_an_acronym_from_a_word(spelled: str, found: dict[str, list[str]]) -> None:
    assert bearers("arm", "{ARM|product} ran.", "{Arm|organization} grew.", f"{spelled} ran.") == found


def test_local_names_know_what_most_mentions_say() -> None:
    found = local(document("{Ada|person} and {Ada|person}.", "{ada|place} left."), "ada")
    assert (found.type, found.name.surface, found.is_person, found.sense) == ("person", "Ada", True, "person")
    assert found.persons == pytest.approx(2 / 3)
    assert found.first == min(m.span.start for m in found.mentions)


def test_local_names_do_not_depend_on_the_order_of_mentions() -> None:
    mentions = [
        *said("d2", "{Atlas|product}, a rocket, and the computer {Atlas|product}.", "{NASA|organization} left."),
        *said("d1", "{Atlas|product} ran.", "{ARM|product}, {Arm|organization}, {Acorn RISC Machine|product}."),
    ]
    found = named(mentions)
    assert named(mentions[::-1]) == found
    assert [d.document_id for d in found] == ["d1", "d2"]
    assert all(list(d.names) == sorted(d.names, key=lambda name: name.order) for d in found)
