"""The word lists of ``words.toml``."""

import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache
def words(name: str) -> frozenset[str]:
    """The list of that name, as a set."""
    text = files("aegis_pipeline.mentions").joinpath("words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)[name].split())
