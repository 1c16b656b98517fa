"""What ``aegis doctor`` says about models, without loading any weights."""

from dataclasses import dataclass
from pathlib import Path

from aegis_pipeline.models.bundled import hash_faults
from aegis_pipeline.models.sources import Origin, Source, find_model, how_to_get
from aegis_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One configured model. ``hash_ok`` is None where no hash was recorded; ``remedy`` is the command that mends it."""

    setting: str
    name: str
    origin: Origin
    location: str
    version: str
    hash_ok: bool | None
    lacks: str
    remedy: str

    @property
    def usable(self) -> bool:
        """Whether loading it can be expected to work without the network."""
        return not self.lacks


def describe_models(settings: Settings) -> tuple[ModelStatus, ...]:
    """The state of each configured model; only files are read."""
    return (
        _describe("SPACY_MODEL", find_model("spacy", settings.spacy_model)),
        _describe("ENCODER_MODEL", find_model("encoder", settings.encoder_model)),
    )


def _describe(setting: str, source: Source) -> ModelStatus:
    lacks, remedy, hash_ok = "", "", None
    if source.origin is Origin.MISSING:
        lacks, remedy = "not installed", how_to_get(source)
    elif source.origin is Origin.HUB:
        lacks, remedy = "not on this machine; it would be downloaded from the hub", how_to_get(source)
    elif source.bundled is not None:
        faults = hash_faults(source.bundled, Path(source.location))
        hash_ok = not faults
        lacks, remedy = "; ".join(faults), source.bundled.remedy if faults else ""
    return ModelStatus(setting, source.name, source.origin, source.location, source.version, hash_ok, lacks, remedy)
