"""The pipeline of phase 1: which pipes it has, whose names hold, and whose labels."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from aegis_pipeline.mentions import SpacyMentionExtractor, pipelines, read_pipeline
from aegis_pipeline.mentions.marks import Mark
from aegis_pipeline.mentions.model_marks import with_finer_labels
from aegis_pipeline.mentions.pipelines import remove_unread
from aegis_pipeline.reader import loading
from aegis_pipeline.reader.component import NAME, add_reader
from aegis_pipeline.reader.labels import TypedSpan
from aegis_pipeline_tests.mentions.texts import check, chunk, found, ruled

TEXT = "Acme left Rome on 4 March 1919–22 May 2009."


class _Tagger:
    """Knows the names of ``TEXT``."""

    def tag(self, texts: Sequence[str]) -> list[list[TypedSpan]]:
        return [[(10, 14, 2), (18, 30, 3), (31, 42, 3)] for _ in texts]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that the fake tagger is loaded from."""
    monkeypatch.setattr(loading, "load_tagger", lambda *_, **__: _Tagger())
    path = tmp_path / "tagger.safetensors"
    path.write_bytes(b"weights")
    return path


def _pipeline(language: str) -> Language:
    """Knows Acme, and Rome in a finer class than the reader."""
    nlp = spacy.blank(language)
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "ORG", "pattern": "Acme"}, {"label": "GPE", "pattern": "Rome"}]
    )
    return nlp


def test_the_reader_says_what_is_a_name_and_spacy_of_which_finer_class(weights: Path) -> None:
    nlp = _pipeline("en")
    add_reader(nlp, weights)
    chunks = [chunk(TEXT)]
    result = SpacyMentionExtractor(nlp).extract(chunks)
    check(result, chunks)
    assert found(result) == [
        ("Rome", "GPE", "reader"),
        ("4 March 1919", "DATE", "reader"),
        ("22 May 2009", "DATE", "reader"),
    ]


def test_what_the_reader_does_not_read_has_the_names_of_spacy(weights: Path) -> None:
    nlp = _pipeline("xx")
    add_reader(nlp, weights)
    result = SpacyMentionExtractor(nlp).extract([replace(chunk(TEXT), language="de")])
    assert found(result) == [("Acme", "ORG", "spacy"), ("Rome", "GPE", "spacy")]


def test_a_pipeline_of_another_language_is_used_without_the_reader_and_says_so(
    weights: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _pipeline("de").to_disk(tmp_path / "de")
    nlp = read_pipeline(str(tmp_path / "de"), weights, device="cpu")
    assert nlp.pipe_names == ["entity_ruler"]
    assert "reader_left_out" in caplog.text
    _pipeline("en").to_disk(tmp_path / "en")
    assert read_pipeline(str(tmp_path / "en"), weights, device="cpu").pipe_names == ["entity_ruler", NAME]


def test_weights_take_part_in_the_version(weights: Path) -> None:
    versions = set()
    for content in (b"weights", b"weights", b"others"):
        weights.write_bytes(content)
        nlp = _pipeline("en")
        add_reader(nlp, weights)
        versions.add(SpacyMentionExtractor(nlp).version)
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("own", "other", "label"),
    [
        ("LOC", "GPE", "GPE"),
        ("MISC", "EVENT", "EVENT"),
        ("CARDINAL", "PERCENT", "PERCENT"),
        ("PERSON", "PER", "PER"),
        ("ORG", "GPE", "ORG"),
        ("LOC", "FAC", "LOC"),
    ],
)
def test_a_finer_label_is_one_of_the_same_type(own: str, other: str, label: str) -> None:
    assert with_finer_labels([Mark(0, 4, own, "reader")], [Mark(0, 4, other, "spacy")])[0].label == label
    assert with_finer_labels([Mark(0, 4, own, "reader")], [Mark(0, 5, other, "spacy")])[0].label == own


def test_pipes_that_nobody_reads_are_taken_out_with_what_served_only_them() -> None:
    nlp = ruled(("ORG", "Acme"))
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}
    nlp.add_pipe("tok2vec")
    nlp.add_pipe("textcat")
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}})
    nlp._link_components()
    remove_unread(nlp, pipelines._UNREAD)
    assert nlp.pipe_names == ["entity_ruler", "tok2vec", "tagger"]
    remove_unread(nlp, frozenset({"tagger"}))
    assert nlp.pipe_names == ["entity_ruler"]
