"""Trained readers from their files: a folder with ``reader.json``, which says what lies there, and the weights."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from aegis_pipeline.errors import ModelError, SettingsError
from aegis_pipeline.models.devices import torch_device
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork
from aegis_pipeline.reader.weights import load_tokenizer, load_weights, new_backbone
from aegis_pipeline.settings import Settings

MANIFEST, TAGGER, RELATIONS = "reader.json", "tagger.safetensors", "relations.safetensors"
_LEAST = 0.01


class Manifest(BaseModel):
    """``reader.json``. Statements of the margin ``margin`` or more gave the best F1 on the tuning documents; there the
    logistic function of ``slope * margin + offset`` was fitted to how often a statement is right."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    sha256: dict[str, str]
    properties: tuple[str, ...]
    margin: float
    slope: float
    offset: float

    @property
    def decision(self) -> float:
        """The confidence at which F1 is best."""
        return self.confidence(self.margin)

    def confidence(self, margin: float) -> float:
        """How likely a statement of that margin is right, in [0, 1]."""
        return 1 / (1 + math.exp(-(self.slope * margin + self.offset)))

    def margin_of(self, confidence: float) -> float:
        """The margin that has that confidence; below .01, where nothing is worth its place, that of .01."""
        odds = min(max(confidence, _LEAST), 1 - 1e-9)
        return (math.log(odds / (1 - odds)) - self.offset) / self.slope


@dataclass(frozen=True, slots=True)
class ReaderFiles:
    """A folder with a trained reader."""

    folder: Path
    manifest: Manifest

    @classmethod
    def read(cls, folder: Path) -> "ReaderFiles":
        """What lies in the folder; weights are not loaded.

        Raises:
            ModelError: there is no ``reader.json``, or it is not valid.
        """
        path = folder / MANIFEST
        try:
            return cls(folder, Manifest.model_validate_json(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            raise ModelError(
                f"{path} does not describe a trained reader: {error}. Name a folder that `aegis train-reader` wrote."
            ) from error

    @classmethod
    def of(cls, settings: Settings) -> "ReaderFiles":
        """Those of ``READER_MODEL``.

        Raises:
            SettingsError: it is not set.
            ModelError: it is no folder of a trained reader.
        """
        if settings.reader_model is None:
            raise SettingsError(
                "NER_BACKEND=reader and RELATION_BACKEND=embedded need READER_MODEL: set it to the folder `reader` "
                "that `aegis train-reader` wrote."
            )
        return cls.read(settings.reader_model)

    def relation_reader(self, device: str) -> RelationReader:
        """The relation network.

        Raises:
            ModelError: its weights are missing, or are not the ones of ``reader.json``.
            SettingsError: the device cannot be used.
        """
        weights, sha256 = self.folder / RELATIONS, self.manifest.sha256[RELATIONS]
        return load_relation_reader(weights, self.manifest.properties, sha256=sha256, device=device)

    def write(self) -> None:
        """Write ``reader.json``."""
        text = json.dumps(self.manifest.model_dump(), indent=1)
        (self.folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def load_tagger(weights: Path, *, sha256: str | None = None, device: str = "cpu") -> Tagger:
    """The tagger of these weights.

    Raises:
        ModelError: the file cannot be used, or is not the one of that hash.
        SettingsError: the device cannot be used.
    """
    network = TaggerNetwork(new_backbone())
    load_weights(network, weights, sha256)
    return Tagger(network, load_tokenizer(), torch_device(device))


def load_relation_reader(
    weights: Path, properties: Sequence[str], *, sha256: str | None = None, device: str = "cpu"
) -> RelationReader:
    """The relation network of these weights.

    Raises:
        ModelError: the file cannot be used, or is not the one of that hash.
        SettingsError: the device cannot be used.
    """
    network = RelationNetwork(new_backbone(), len(properties))
    load_weights(network, weights, sha256)
    return RelationReader(network, load_tokenizer(), properties, torch_device(device))
