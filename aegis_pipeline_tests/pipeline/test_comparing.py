"""Both arms side by side: what is counted, and what they share."""

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.comparing import (
    ArmResult,
    FoundDocument,
    Overlap,
    compare,
    legacy_result,
    three_phase_arm,
    three_phase_result,
)
from aegis_pipeline.pipeline.legacy_rows import LegacyDocument
from aegis_pipeline.records import Chunk, Document, Entity, Mention, Relation, Span


def mention(text: str, document: str = "d") -> Mention:
    return Mention(document, f"{document}-0", 0, Span(0, len(text)), text, "X", "x", "test")


def entity(name: str, *aliases: str, is_node: bool = True) -> Entity:
    return Entity(f"id-{name}", name, name, "x", aliases, (mention(name),), is_node)


DOCUMENT = Document("d", "a.txt", "Lyons paid for EDSAC in 1949.", "hash")
CHUNK = Chunk("d-0", "d", 0, Span(0, 29), DOCUMENT.text, (Span(0, 29),))
ENTITIES = [entity("Lyons", "J. Lyons"), entity("EDSAC"), entity("1949", is_node=False)]
RELATION = Relation("d", "d-0", "id-Lyons", "id-EDSAC", "owner_of", None, 0.9, Span(0, 29), "test 1")
OURS = three_phase_arm([DOCUMENT], [CHUNK], ENTITIES, [RELATION])
THEIRS = LegacyDocument("d", "a.txt", DOCUMENT.text, 1, ("edsac", "Money"), (("Money", "edsac"),))


def test_three_phase_arm_has_nodes_with_their_names() -> None:
    assert OURS.counts == {"documents": 1, "chunks": 1, "entities": 2, "relations": 1}
    (found,) = OURS.documents
    assert found.names == {"Lyons": ("Lyons", "J. Lyons"), "EDSAC": ("EDSAC",)}
    assert found.pairs == {("Lyons", "EDSAC")}


def test_compare_shares_names_in_any_spelling_and_pairs_in_any_direction() -> None:
    other = LegacyDocument("d", "a.txt", DOCUMENT.text, 2, ("LYONS", "EDSAC", "Money"), (("EDSAC", "LYONS"),))
    found = compare("b", OURS, legacy_result("b", [other]))
    assert (found.entities, found.relations) == (Overlap(0, 2, 1), Overlap(0, 1, 0))
    found = compare("b", OURS, legacy_result("b", [THEIRS]))
    assert (found.entities, found.relations) == (Overlap(1, 1, 1), Overlap(1, 0, 1))


def test_compare_puts_figures_side_by_side() -> None:
    measured = ArmResult(OURS.documents, 1, seconds=1.5, scores={"mentions F1": 0.8})
    figures = compare("b", measured, legacy_result("b", [THEIRS])).figures
    assert figures["documents"] == (1, 1)
    assert figures["seconds"] == (1.5, None)
    assert figures["mentions F1"] == (0.8, None)


def test_compare_takes_the_same_name_of_two_documents_for_one() -> None:
    twice = ArmResult((FoundDocument("a", "", {"Lyons": ("Lyons",)}, frozenset()),) * 2, 2)
    assert twice.counts["entities"] == 1


def test_an_arm_that_did_not_run_is_no_empty_result(tmp_path: object) -> None:
    with pytest.raises(InputError, match="ENABLE_LEGACY_EXTRACTION=true aegis run FOLDER"):
        legacy_result("b", [])
    with pytest.raises(InputError, match="EXTRACTION_PIPELINE=three_phase aegis run FOLDER"):
        three_phase_result(DocumentLake(str(tmp_path)), "b")
