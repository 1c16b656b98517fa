"""Labels of models and the project's types; the mapping is data, in ``labels.toml``."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

_NOT_IN_A_TYPE = re.compile(r"[^\w-]+")
# LightRAG drops entities of these types.
_RESERVED = {"__proto__", "constructor", "prototype"}


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files("aegis_pipeline.mentions").joinpath("labels.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def numeric_labels() -> frozenset[str]:
    """The labels that are extracted but are no nodes of the graph unless configured."""
    return frozenset(_data()["numeric"]["labels"])


@lru_cache(maxsize=1)
def entity_types() -> frozenset[str]:
    """The project's own types: what ``type_of`` gives for the labels that it knows."""
    return frozenset(_data()["types"].values())


def type_of(label: str) -> str:
    """The project's type of a label. An unknown label is its own type, in lower case and with ``_`` for what LightRAG
    does not take in a type: "Drug/Dose" is "drug_dose"."""
    known: dict[str, str] = _data()["types"]
    if label in known:
        return known[label]
    own = _NOT_IN_A_TYPE.sub("_", label.casefold()).strip("_")
    return "other" if not own or own in _RESERVED else own
