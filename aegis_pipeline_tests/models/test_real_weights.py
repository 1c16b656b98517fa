"""The real embedded weights."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from aegis_pipeline.errors import ModelError
from aegis_pipeline.models import bundled, load_encoder, load_spacy
from aegis_pipeline.models.bundled import BundledModel, stand_in
from aegis_pipeline.models.loading import CACHE

pytestmark = pytest.mark.models
MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def test_encoder_gives_unit_vectors_that_mean_something(capfd: pytest.CaptureFixture[str]) -> None:
    encoder = load_encoder(MINILM, device="cpu")
    vectors = encoder.encode(["A cat sat on the mat.", "A kitten lay on a rug.", "Interest rates rose."], batch_size=2)
    assert vectors.shape == (3, encoder.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert encoder.encode([]).shape == (0, 384)
    assert capfd.readouterr().err == ""


def test_encoder_counts_what_it_would_cut() -> None:
    encoder = load_encoder(MINILM, device="cpu")
    assert encoder.max_tokens == 256
    assert encoder.count_tokens(["hello world", "", "word " * 1000]) == [4, 2, 1002]
    encoder.encode(["word " * 1000])
    assert encoder.count_tokens(["word " * 1000]) == [1002]
    ids = encoder.tokenizer.encode("hello world")
    assert len(ids) == 2
    assert encoder.tokenizer.decode(ids) == "hello world"


def test_models_are_loaded_once() -> None:
    assert load_spacy("en_core_web_sm", device="cpu") is load_spacy("en_core_web_sm", device="cpu")
    assert load_encoder(MINILM, device="cpu") is load_encoder(MINILM, device="cpu")


def test_tampered_weights_are_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = stand_in("encoder", MINILM)
    assert model is not None
    assert model.path is not None
    copy = tmp_path / "model"
    shutil.copytree(model.path, copy)
    with (copy / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        weights.write(b"\x7f")
    monkeypatch.setattr(BundledModel, "path", property(lambda self: copy))
    monkeypatch.setattr(bundled, "bundled_models", lambda: (model,))
    CACHE.clear()
    with pytest.raises(ModelError, match=r"model\.safetensors: sha256 got"):
        load_encoder(MINILM, device="cpu")


def test_folder_without_a_model_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot load"):
        load_spacy(str(tmp_path), device="cpu")
    with pytest.raises(ModelError, match="cannot load"):
        load_encoder(str(tmp_path), device="cpu")
