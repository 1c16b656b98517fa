"""Models: where they are found, their hashes, their devices, and loading them once per process."""

from aegis_pipeline.models.encoder import Encoder, EncoderTokenizer, vectors_version
from aegis_pipeline.models.halving import halved_so_far
from aegis_pipeline.models.loading import load_encoder, load_spacy, model_language
from aegis_pipeline.models.probing import ModelStatus, describe_models

__all__ = [
    "Encoder",
    "EncoderTokenizer",
    "ModelStatus",
    "describe_models",
    "halved_so_far",
    "load_encoder",
    "load_spacy",
    "model_language",
    "vectors_version",
]
