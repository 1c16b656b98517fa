"""The key of a name: the normalised name, or that of the name whose alias it is by the user's glossary."""

from collections.abc import Mapping

from aegis_pipeline.entities.normalise import normalise


def declared_names(same_names: Mapping[str, str]) -> dict[str, str]:
    """The key of each alias of ``same_names`` (alias → name) → its name."""
    return {normalise(alias): name for alias, name in same_names.items()}


def name_key(name: str, declared: Mapping[str, str]) -> str:
    """The name's key; ``declared`` is what ``declared_names`` gives."""
    key = normalise(name)
    return normalise(declared[key]) if key in declared else key
