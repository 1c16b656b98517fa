"""Identity over the documents of a batch: equal names, homonyms, and the little that is merged beyond."""

import pytest

from aegis_pipeline.entities.across import LEAST_CONTEXT
from aegis_pipeline.records import Mention, MergeDecision
from aegis_pipeline_tests.entities.texts import linked, said, things, together

# Beside what else two documents are about, this makes their contexts alike; a third document makes it rare.
LIKE = "{Zuse|person} met {Konrad|person} in {Hopferau|place}."
OTHER = said("other", "{Ada|person} met {Bob|person}.")


def pair(one: str, other: str, *, alike: bool = True) -> list[Mention]:
    like = [LIKE] if alike else []
    return [*said("d1", one, *like), *said("d2", other, *like), *OTHER]


def refusals(mentions: list[Mention], reason: str) -> list[MergeDecision]:
    return [d for d in linked(mentions).merges if not d.accepted and d.reason == reason]


# --- equal names


def test_across_equal_names_are_one_thing() -> None:
    found = linked(said("d1", "{Acme|organization} grew."), said("d2", "{ACME|product} fell."))
    assert len(found.entities) == 1


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        # Two kinds are two things.
        ({"d1": "{Atlas|product}, a rocket, flew.", "d2": "The computer {Atlas|product} is old."}, [{"d1"}, {"d2"}]),
        # Who is of no kind goes with the kind that most documents name.
        (
            {
                "d1": "{Atlas|product}, a rocket, flew.",
                "d2": "The computer {Atlas|product} is old.",
                "d3": "The computer {Atlas|product} is new.",
                "d4": "{Atlas|product} is here.",
            },
            [{"d1"}, {"d2", "d3", "d4"}],
        ),
        # A document with two of the name says nothing of which is the usual one.
        (
            {
                "d1": "{Atlas|product}, a rocket, and {Atlas|product}, a computer, ran.",
                "d2": "{Atlas|product} is here.",
            },
            [{"d1"}, {"d1"}, {"d2"}],
        ),
        # A bearer of no kind, in a document with two, stays alone.
        (
            {"d1": "{York|place} is old. They saw the other {York|place}.", "d2": "{York|place} is here."},
            [{"d1"}, {"d1"}, {"d2"}],
        ),
        ({"d1": "{Jordan|place} is old.", "d2": "{Jordan|person} left."}, [{"d1"}, {"d2"}]),
    ],
)
def test_across_homonyms_stay_apart(sentences: dict[str, str], expected: list[set[str]]) -> None:
    found = linked(*(said(document, sentence) for document, sentence in sentences.items()))
    name = "Atlas" if "Atlas" in sentences["d1"] else "York" if "York" in sentences["d1"] else "Jordan"
    assert things(found, name) == expected
    assert len({entity.key for entity in found.entities}) == len(found.entities)


# --- different names


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ("{Burma|place} is old.", "{Myanmar|place} is old.", True),
        ("{Burma|person} left.", "{Myanmar|place} is old.", False),  # nobody is a country
        ("{Müller|person} left.", "{Muller|person} came.", True),
        ("{Acme Ltd|organization} grew.", "{Acme|organization} fell.", True),
        ("{Acme Ltd|organization} grew.", "{Acme|place} fell.", False),  # another sense
        ("{Acme Group|organization} grew.", "{Acme|organization} fell.", False),  # no legal form
        ("{Limited|organization} grew.", "{Ltd|organization} fell.", False),  # and nothing else
    ],
)
def test_across_well_known_names_and_spellings(one: str, other: str, merged: bool) -> None:
    found = linked(pair(one, other, alike=False))
    assert bool(together(found)) == merged


MIDDLE = ("{John Ronald Tolkien|person} wrote.", "{John Tolkien|person} wrote.")
ATTESTED = ("{National Physical Laboratory|organization} ({NPL|organization}) grew.", "{NPL|organization} is old.")
APART = ATTESTED[0] + " {NPL|person} left."


@pytest.mark.parametrize("rule", [MIDDLE, ATTESTED])
def test_across_short_forms_are_taken_in_like_contexts(rule: tuple[str, str]) -> None:
    found = linked(pair(*rule))
    (whole,) = (entity for entity in found.entities if entity.aliases)
    assert whole.name in rule[0]
    assert f"{{{whole.aliases[0]}|" in rule[1]
    assert {mention.document_id for mention in whole.mentions} == {"d1", "d2"}


@pytest.mark.parametrize(("rule", "reason"), [(MIDDLE, "middle_name"), (ATTESTED, "attested_alias")])
def test_across_short_forms_are_refused_in_unlike_contexts(rule: tuple[str, str], reason: str) -> None:
    (refused,) = refusals(pair(*rule, alike=False), reason)
    assert refused.score < LEAST_CONTEXT
    assert "context 0.00, 0 others" in refused.evidence


def test_across_short_forms_are_refused_where_two_may_be_meant() -> None:
    refused = refusals([*pair(*MIDDLE), *said("d3", "{John Paul Tolkien|person} wrote.", LIKE)], "middle_name")
    assert {(d.name, d.alias) for d in refused} == {
        ("John Tolkien", "John Paul Tolkien"),
        ("John Tolkien", "John Ronald Tolkien"),
    }
    assert all("1 others of the name" in d.evidence for d in refused)


def test_across_short_forms_are_refused_where_a_document_has_both() -> None:
    (refused,) = refusals([*said("d1", *MIDDLE, LIKE), *said("d2", MIDDLE[1], LIKE), *OTHER], "middle_name")
    assert refused.evidence.endswith("apart in a document")


def test_across_values_are_never_merged() -> None:
    found = linked(said("d1", "{May, 1948|date} Ltd."), said("d2", "{Máy 1948|date} and {Leeds|place}."))
    assert together(found) == set()


def test_across_the_plain_word_of_a_name_is_not_taken_for_it() -> None:
    found = linked(pair("{Tom Kilburn|person} came.", "{Kilburn|person} left."))
    assert not any({"Tom Kilburn", "Kilburn"} <= group for group in together(found))
