from pathlib import Path

import pytest
import spacy

from aegis_pipeline.errors import ModelError
from aegis_pipeline.reader import files
from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.component import BEFORE, ReaderComponent
from aegis_pipeline.reader.files import MANIFEST, DataFile, Manifest, ReaderFiles, Training
from aegis_pipeline.reader.labels import TypedSpan
from aegis_pipeline.reader.tagger import TaggerNetwork
from aegis_pipeline.reader.weights import load_weights, save_weights
from aegis_pipeline.settings import Settings


class _Tagger:
    def __init__(self, spans: list[TypedSpan]) -> None:
        self._spans = spans

    def tag(self, texts: list[str]) -> list[list[TypedSpan]]:
        return [self._spans for _ in texts]


def _component(*spans: TypedSpan) -> ReaderComponent:
    return ReaderComponent(_Tagger(list(spans)))  # type: ignore[arg-type]


def test_names_get_the_labels_of_the_project() -> None:
    docs = list(_component((0, 5, 0), (13, 19, 2)).pipe([spacy.blank("en")("Marie was in Warsaw.")] * 3, batch_size=2))
    assert [[(e.text, e.label_) for e in doc.ents] for doc in docs] == [[("Marie", "PERSON"), ("Warsaw", "LOC")]] * 3


def test_what_was_set_before_is_left_beside() -> None:
    doc = spacy.blank("en")("Marie Curie was here.")
    doc.set_ents([doc.char_span(0, 11, label="SAINT")])
    assert [e.label_ for e in _component((0, 5, 0), (12, 15, 3))(doc).ents] == ["PERSON", "DATE"]
    assert [(e.text, e.label_) for e in doc.spans[BEFORE]] == [("Marie Curie", "SAINT")]


def test_a_name_takes_whole_tokens() -> None:
    doc = _component((1, 3, 0))(spacy.blank("en")("Marie was."))
    assert [e.text for e in doc.ents] == ["Marie"]


def test_weights_come_back_and_the_hash_is_checked(backbone: Backbone, tmp_path: Path) -> None:
    network, path = TaggerNetwork(backbone), tmp_path / "weights.safetensors"
    sha256 = save_weights(network, path)
    network.head.weight.data.zero_()
    load_weights(network, path, sha256)
    assert network.head.weight.abs().sum() > 0
    with pytest.raises(ModelError, match=f"got {sha256}, expected 0000"):
        load_weights(network, path, "0000")


@pytest.mark.parametrize("content", [None, b"", b"no safetensors at all"])
def test_a_file_of_something_else_is_said_to_be_so(backbone: Backbone, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.safetensors"):
        load_weights(TaggerNetwork(backbone), path)


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    training = Training(version="0", data=DataFile(name="g", sha256="0"), train="0-1", tune="2-3", folds=2, seed=1)
    manifest = Manifest(sha256={"a": "0"}, properties=("P17",), margin=-0.5, slope=1.0, offset=0.0, training=training)
    ReaderFiles(tmp_path, manifest).write()
    assert ReaderFiles.read(tmp_path).manifest == manifest


@pytest.mark.parametrize("content", [None, "{}", "no JSON"])
def test_a_folder_without_a_reader_says_what_is_needed(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ModelError, match="train-reader"):
        ReaderFiles.read(tmp_path)


def test_a_package_without_weights_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PACKAGED", tmp_path)
    with pytest.raises(ModelError, match=r"lacks reader\.json, tagger\.safetensors.*READER_MODEL"):
        ReaderFiles.of(Settings(_env_file=None))  # type: ignore[call-arg]
