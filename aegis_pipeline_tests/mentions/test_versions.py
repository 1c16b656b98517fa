"""The version of phase 1 changes with everything that its result depends on."""

from pathlib import Path

import pytest

from aegis_pipeline.mentions import FallbackMentionExtractor, GlossaryEntry, RegexMentionExtractor
from aegis_pipeline.mentions.spacy_extractor import SpacyMentionExtractor

ADA = GlossaryEntry(name="Ada", type="PERSON")


def test_versions_tell_glossaries_and_settings_apart() -> None:
    versions = [
        RegexMentionExtractor().version,
        RegexMentionExtractor(numeric_nodes=True).version,
        RegexMentionExtractor([ADA]).version,
        RegexMentionExtractor([ADA.model_copy(update={"type": "ORG"})]).version,
        RegexMentionExtractor([ADA.model_copy(update={"aliases": ("Countess",)})]).version,
    ]
    assert len(set(versions)) == len(versions)
    assert RegexMentionExtractor([ADA]).version == versions[2]


def test_versions_of_the_fallback_are_those_of_what_reads() -> None:
    def fails() -> RegexMentionExtractor:
        raise OSError

    fallback, primary = RegexMentionExtractor(), RegexMentionExtractor(numeric_nodes=True)
    assert FallbackMentionExtractor(lambda: primary, fallback).version == primary.version
    assert FallbackMentionExtractor(fails, fallback).version == fallback.version


@pytest.mark.models
def test_versions_of_spacy_tell_weights_apart(tmp_path: Path) -> None:
    """A model that is trained anew often keeps its name and version."""
    import spacy

    first, second = spacy.blank("en"), spacy.blank("en")
    second.vocab.strings.add("weights")
    for number, nlp in enumerate((first, second)):
        nlp.to_disk(f"{tmp_path}/{number}")
    models = [spacy.load(f"{tmp_path}/{number}") for number in (0, 0, 1)]
    versions = [SpacyMentionExtractor(nlp).version for nlp in models]
    assert versions[0] == versions[1] != versions[2]
    assert SpacyMentionExtractor(models[0], [ADA]).version != versions[0]
