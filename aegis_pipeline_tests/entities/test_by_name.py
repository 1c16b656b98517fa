"""Entities where the linking failed: equal names alone."""

from aegis_pipeline.entities import entities_by_name
from aegis_pipeline.records import Mention, Outcome, Span


def mention(document: str, text: str, kind: str = "person", start: int = 0) -> Mention:
    return Mention(document, f"{document}-0", 0, Span(start, start + len(text)), text, kind, kind, "test")


def test_only_equal_names_of_one_type_are_one_entity() -> None:
    mentions = [
        mention("b", "Ada Lovelace"),
        mention("a", "ADA LOVELACE"),
        mention("a", "Lovelace", start=20),
        mention("a", "Lovelace", "place", start=40),
        mention("a", "Ada, Countess", start=60),
    ]
    result = entities_by_name(mentions, {"Ada, Countess": "Ada Lovelace"}, "RuntimeError")
    assert [(e.key, e.type, len(e.mentions)) for e in result.entities] == [
        ("Ada Lovelace", "person", 3),
        ("Lovelace", "person", 1),
        ("Lovelace (place)", "place", 1),
    ]
    assert len({e.id for e in result.entities}) == 3
    assert [(o.document_id, o.outcome) for o in result.outcomes] == [("a", Outcome.DEGRADED), ("b", Outcome.DEGRADED)]
    assert "RuntimeError" in result.outcomes[0].detail
    assert entities_by_name(mentions[::-1], {"Ada, Countess": "Ada Lovelace"}, "RuntimeError") == result
