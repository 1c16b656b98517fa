"""The language of a text: unsure is English."""

import json
from pathlib import Path

import pytest

from aegis_pipeline.documents.language import detect_language
from aegis_pipeline_tests.documents import hostile

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "redocred_dev.jsonl"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (hostile.ENGLISH, "en"),
        (hostile.GERMAN, "de"),
        (hostile.FRENCH, "fr"),
        (hostile.SPANISH, "es"),
        (hostile.JAPANESE, "ja"),
        ("José García visited Buenos Aires and San José de Costa Rica in 1998.", "en"),
        ("Jean-Luc Godard met Anna Karina in Paris.", "en"),
        ("L'École des officiers de la gendarmerie nationale, the French school", "en"),
        ("La Scala", "en"),
        ("Der Müller wohnt in Zürich und trägt grüne Schuhe.", "de"),
        ("", "en"),
        ("1234 5678 " * 50, "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_detect_language(text: str, code: str) -> None:
    assert detect_language(text, 0.7).code == code


def test_detect_language_below_the_floor_is_english() -> None:
    detected = detect_language(hostile.GERMAN, 1.1)
    assert detected.code == "en"
    assert detected.confidence > 0.9


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the labelled data are not beside the checkout")
@pytest.mark.parametrize("characters", [40, 80, 150, 400])
def test_detect_language_takes_no_english_for_another(characters: int) -> None:
    texts = [json.loads(line)["text"] for line in SHARED.read_text("utf-8").splitlines()[300:]]
    assert {detect_language(text[:characters], 0.7).code for text in texts} == {"en"}
