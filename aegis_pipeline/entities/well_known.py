"""Names that everyone uses for one country, union or continent, as data (``well_known.toml``)."""

import tomllib
from functools import lru_cache
from importlib.resources import files

from aegis_pipeline.entities.normalise import normalise


@lru_cache(maxsize=1)
def well_known() -> dict[str, str]:
    """Normalised key → the thing's name, for every name that is listed."""
    text = files("aegis_pipeline.entities").joinpath("well_known.toml").read_text(encoding="utf-8")
    listed: dict[str, list[str]] = tomllib.loads(text)["names"]
    return {normalise(alias): name for name, aliases in listed.items() for alias in (name, *aliases)}
