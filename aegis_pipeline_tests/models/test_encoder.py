"""The real encoder: few lengths, a vector that hangs on its text alone, and what it does where memory ends."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from aegis_pipeline.models import Encoder, halved_so_far, load_encoder
from aegis_pipeline.models.encoder import padded_length
from aegis_pipeline.settings import Settings

NAMES = ["IBM", "Ada", "Bob Dylan", "University of Manchester Institute of Science and Technology", "Ferranti Ltd"]
TEXTS = [*NAMES, *(f"{name} was founded. " * count for count, name in enumerate(NAMES, start=2)), "very long " * 400]
# Precision, and how far a vector may be from its text's own where memory ends: bfloat16 rounds otherwise then.
PRECISIONS = [(False, 1e-6), (True, 5e-3)]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    settings = Settings(_env_file=None)
    return load_encoder(settings.encoder_model, device="cpu")


def test_padded_lengths_are_few_and_never_beyond_what_the_encoder_reads() -> None:
    found = [padded_length(tokens, 250) for tokens in range(1, 300)]
    assert sorted(set(found)) == [8, 16, 24, 32, 64, 96, 128, 160, 192, 224, 250]
    assert all(length >= min(tokens, 250) for tokens, length in enumerate(found, start=1))


@pytest.fixture
def calls(encoder: Encoder) -> Iterator[list[tuple[int, int]]]:
    """Rows and length of each call of the network; of its layers, for sentence-transformers calls it past its hooks."""
    seen: list[tuple[int, int]] = []
    layers = encoder.transformer.encoder
    hook = layers.register_forward_hook(lambda _m, _i, out: seen.append(tuple(out[0].shape[:2])))
    yield seen
    hook.remove()


@pytest.mark.models
def test_encoder_computes_few_lengths(encoder: Encoder, calls: list[tuple[int, int]]) -> None:
    encoder.encode(TEXTS)
    lengths = [length for _, length in calls]
    assert set(lengths) == {8, 16, 24, 64, 256}
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.models
def test_calls_of_a_length_in_bfloat16_have_as_many_rows(
    encoder: Encoder, calls: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "bfloat16", True)
    encoder.encode(TEXTS, batch_size=20)
    assert set(calls) == {(20, 8), (20, 16), (20, 24), (16, 64), (4, 256)}


@pytest.mark.models
@pytest.mark.parametrize("batch_size", [4, 32])
def test_encoder_gives_a_text_its_own_vector(encoder: Encoder, batch_size: int) -> None:
    alone = np.vstack([encoder.encode([text], batch_size) for text in TEXTS])
    together = encoder.encode([*TEXTS, *TEXTS], batch_size)
    assert np.abs(together - np.vstack([alone, alone])).max() < (1e-9 if encoder.bfloat16 else 1e-6)
    assert np.allclose(np.linalg.norm(together, axis=1), 1)


@pytest.mark.models
@pytest.mark.parametrize(("bfloat16", "within"), PRECISIONS)
def test_encoder_halves_a_batch_that_memory_does_not_suffice_for(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, bfloat16: bool, within: float
) -> None:
    monkeypatch.setattr(encoder, "bfloat16", bfloat16)
    whole, encode = encoder.encode(TEXTS), encoder._model.encode

    def with_little_memory(texts: list[str], **options: Any) -> Any:
        if len(texts) > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return encode(texts, **options)

    monkeypatch.setattr(encoder._model, "encode", with_little_memory)
    before = halved_so_far()
    assert np.abs(encoder.encode(TEXTS) - whole).max() < within
    assert halved_so_far() > before


@pytest.mark.models
@pytest.mark.parametrize(("bfloat16", "within"), PRECISIONS)
def test_encoder_computes_on_the_cpu_what_does_not_fit_in_a_gpu(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, bfloat16: bool, within: float
) -> None:
    """The GPU is a name here: what is asked of it fails."""
    monkeypatch.setattr(encoder, "bfloat16", bfloat16)
    whole, encode = encoder.encode(TEXTS[:3]), encoder._model.encode

    def on(texts: list[str], device: str, **options: Any) -> Any:
        if device == "cuda" and NAMES[1] in texts:
            raise RuntimeError("CUDA out of memory.")
        return encode(texts, device="cpu", **options)

    monkeypatch.setattr(encoder._model, "encode", on)
    monkeypatch.setattr(encoder, "_device", "cuda")
    assert np.abs(encoder.encode(TEXTS[:3]) - whole).max() < within
