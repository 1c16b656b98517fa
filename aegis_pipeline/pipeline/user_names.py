"""What the user says of names, in the glossary and in the file of merge overrides."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aegis_pipeline.entities import NO_OVERRIDES, MergeOverrides, load_overrides
from aegis_pipeline.mentions import load_glossary, same_names


@dataclass(frozen=True, slots=True)
class UserNames:
    """``same_names`` maps alias to name."""

    same_names: Mapping[str, str]
    overrides: MergeOverrides


def load_user_names(glossary: Path | None, overrides: Path | None) -> UserNames:
    """Both files, as far as there are such.

    Raises:
        InputError: a file cannot be read, or the two contradict each other.
    """
    names = same_names(load_glossary(glossary)) if glossary else {}
    return UserNames(names, load_overrides(overrides, names) if overrides else NO_OVERRIDES)
