"""The file of merge overrides.

TOML::

    [[together]]
    names = ["ICL", "International Computers Limited"]

    [[apart]]
    names = [{ name = "Atlas", documents = "abroad/*" }, "Atlas"]

``documents`` is a pattern for the paths of documents (``*`` and ``?``); in ``apart``, a name without it is meant
wherever no other name of the rule is.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from aegis_pipeline.entities.name_keys import declared_names, name_key
from aegis_pipeline.entities.overrides import MergeOverrides, contradictions
from aegis_pipeline.errors import InputError

_VALID = 'Valid are [[together]] and [[apart]] with names = ["…", {name = "…", documents = "pattern"}], two or more.'
NO_NAMES: Mapping[str, str] = {}


def load_overrides(path: Path, same_names: Mapping[str, str] = NO_NAMES) -> MergeOverrides:
    """The rules in a file; ``same_names`` maps alias to name, as the glossary declares.

    Raises:
        InputError: it cannot be read, is no such file, or keeps names apart that it, or the glossary, says are one.
    """
    try:
        overrides = MergeOverrides.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise InputError(f"AEGIS_MERGE_OVERRIDES={path}: {error.strerror}. Name a file, or unset it.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"AEGIS_MERGE_OVERRIDES={path} is no TOML file: {error}. {_VALID}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        raise InputError(f"AEGIS_MERGE_OVERRIDES={path}, {faults}. {_VALID}") from None
    _check(path, overrides, same_names)
    return overrides


def _check(path: Path, overrides: MergeOverrides, same_names: Mapping[str, str]) -> None:
    declared = declared_names(same_names)
    for one, other, by_rules in contradictions(overrides, lambda name: name_key(name, declared)):
        if by_rules:
            raise InputError(f"{path} says of {one} and {other} that they are together and apart: remove a rule.")
        raise InputError(
            f"{path} keeps {one} and {other} apart, but that is one name, by its spelling or by the glossary: remove "
            "the rule or the glossary's alias, or give the names different documents."
        )
