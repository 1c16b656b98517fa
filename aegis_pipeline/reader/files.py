"""The folder of a trained reader: ``reader.json``, which says what lies there, and the weights; nothing is loaded."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from aegis_pipeline.errors import ModelError
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.settings import Settings

MANIFEST, TAGGER, RELATIONS = "reader.json", "tagger.safetensors", "relations.safetensors"
PACKAGED = Path(__file__).parent / "model"
"""The folder of the reader that comes with this package."""
_LEAST = 0.01


class DataFile(BaseModel):
    """A file that was learned from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str


class Training(BaseModel):
    """What a reader was trained with: lines of ``data`` that it learned from, and lines that decided when to stop, both
    as ``FROM-TO``; ``partial`` are the texts of a first stage, of which only some properties are labelled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    data: DataFile
    train: str
    tune: str
    folds: int
    seed: int
    partial: DataFile | None = None


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
    training: Training

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
        """Those of ``READER_MODEL``, or the ones that come with this package.

        Raises:
            ModelError: it is no folder of a trained reader, or the package's lacks a file.
        """
        if settings.reader_model is not None:
            return cls.read(settings.reader_model)
        if lacking := [name for name in (MANIFEST, TAGGER, RELATIONS) if not (PACKAGED / name).is_file()]:
            raise ModelError(
                f"The trained reader of this package lacks {', '.join(lacking)} in {PACKAGED}. Install aegis-pipeline "
                "again, or set READER_MODEL to a folder that `aegis train-reader` wrote."
            )
        return cls.read(PACKAGED)

    def verify(self) -> None:
        """Compare the hash of every file of weights.

        Raises:
            ModelError: one is missing, or is not the one that was recorded.
        """
        for name, expected in self.manifest.sha256.items():
            path = self.folder / name
            got = sha256_of(path) if path.is_file() else "no such file"
            if got != expected:
                raise ModelError(f"{path}: sha256 got {got}, expected {expected}. Install or train the reader again.")

    def write(self) -> None:
        """Write ``reader.json``."""
        text = json.dumps(self.manifest.model_dump(), indent=1)
        (self.folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
