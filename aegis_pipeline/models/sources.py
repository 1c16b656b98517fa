"""Where a model's name leads: a local path, an official package, the hub's local cache, a bundled package, or the hub.

An official package, a path and a cached hub model win over the bundled package; the network is tried last, and never
for a name that a bundled package stands in for.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from aegis_pipeline.models.bundled import BundledModel, Kind, stand_in


class Origin(StrEnum):
    """What kind of place a model was found in."""

    PATH = "path"
    PACKAGE = "package"
    HUB_CACHE = "hub_cache"
    BUNDLED = "bundled"
    HUB = "hub"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one model was found; ``location`` is what its library is given."""

    kind: Kind
    name: str
    origin: Origin
    location: str
    version: str = ""
    bundled: BundledModel | None = None


def find_model(kind: Kind, name: str) -> Source:
    """Look for a model without loading it and without the network."""
    if Path(name).expanduser().is_dir():
        return Source(kind, name, Origin.PATH, str(Path(name).expanduser().absolute()))
    found = _official_package(name) if kind == "spacy" else _cached(name)
    if found is not None:
        return found
    bundled = stand_in(kind, name)
    if bundled is not None and bundled.path is not None:
        return Source(kind, name, Origin.BUNDLED, str(bundled.path), bundled.version, bundled)
    remote = kind == "encoder" and bundled is None and not _is_path(name)
    return Source(kind, name, Origin.HUB if remote else Origin.MISSING, name, bundled=bundled)


def _official_package(name: str) -> Source | None:
    if not name.isidentifier() or find_spec(name) is None:
        return None
    try:
        return Source("spacy", name, Origin.PACKAGE, name, version(name))
    except PackageNotFoundError:
        return None


def _cached(name: str) -> Source | None:
    """The hub's local cache, by the hub's own library; a copy without weights (its tokenizer alone) does not count."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    if not any((folder / weights).exists() for weights in ("model.safetensors", "pytorch_model.bin")):
        return None
    return Source("encoder", name, Origin.HUB_CACHE, str(folder), folder.name)


def _is_path(name: str) -> bool:
    return name.startswith(("/", ".", "~")) or "\\" in name


def how_to_get(source: Source) -> str:
    """What to do where a model is missing: the official way, and the bundled one where there is one."""
    if source.bundled is not None:
        return f"Install the bundled package: {source.bundled.remedy}"
    if _is_path(source.name):
        return "There is no such folder: name the folder of a model, or a model's name."
    if source.kind == "spacy":
        return (
            f"Install it from Explosion's own releases: python -m spacy download {source.name} "
            "(not from the package index, where such names are other people's), or set SPACY_MODEL=en_core_web_sm "
            "for the bundled one, or to the folder of a model."
        )
    return (
        'Download it where there is a network: python -c "from huggingface_hub import snapshot_download; '
        f"snapshot_download('{source.name}')\", or set ENCODER_MODEL=sentence-transformers/all-MiniLM-L6-v2 "
        "for the bundled one, or to the folder of a model."
    )
