"""What the user knows better: names that are always one thing, and names that never are.

A TOML file::

    [[together]]
    names = ["ICL", "International Computers Limited"]

    [[apart]]
    names = [{ name = "Atlas", documents = "abroad/*" }, "Atlas"]

``documents`` is a pattern for the paths of documents (``*`` and ``?``); a name without it is meant wherever no other
name of the rule is.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from aegis_pipeline.entities.local_names import LocalName
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.errors import InputError

_VALID = 'Valid are [[together]] and [[apart]] with names = ["…", {name = "…", documents = "pattern"}], two or more.'


class Side(BaseModel):
    """A name, in the documents whose path fits the pattern."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    documents: str = "*"

    def means(self, name: LocalName, path: str) -> bool:
        """Whether this is the name, in that document."""
        return normalise(self.name) == name.key and fnmatchcase(path, self.documents)


def _as_side(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Rule(BaseModel):
    """Names that belong together, or do not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: Annotated[tuple[Annotated[Side, BeforeValidator(_as_side)], ...], Field(min_length=2)]

    def side(self, name: LocalName, path: str) -> int | None:
        """Which of the rule's names this is; one with documents goes before one without."""
        meant = [at for at, side in enumerate(self.names) if side.means(name, path)]
        return min(meant, key=lambda at: (self.names[at].documents == "*", at), default=None)


class MergeOverrides(BaseModel):
    """Every rule of the user's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    together: tuple[Rule, ...] = ()
    apart: tuple[Rule, ...] = ()


NO_OVERRIDES = MergeOverrides()


@dataclass(frozen=True, slots=True)
class Marks:
    """Which sides of which rules a thing is: pairs of rule and side."""

    together: frozenset[int] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()

    def __or__(self, other: "Marks") -> "Marks":
        return Marks(self.together | other.together, self.apart | other.apart)

    def excludes(self, other: "Marks") -> bool:
        """The user says that they are two things."""
        return any(rule == own_rule and side != own for own_rule, own in self.apart for rule, side in other.apart)


def marks(name: LocalName, path: str, overrides: MergeOverrides) -> Marks:
    """The rules that speak of a name in the document at ``path``."""
    together = (at for at, rule in enumerate(overrides.together) if rule.side(name, path) is not None)
    apart = ((at, rule.side(name, path)) for at, rule in enumerate(overrides.apart))
    return Marks(frozenset(together), frozenset((at, side) for at, side in apart if side is not None))


def load_overrides(path: Path) -> MergeOverrides:
    """The rules in a file.

    Raises:
        InputError: it cannot be read, is no such file, or says of two names both.
    """
    try:
        overrides = MergeOverrides.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"AEGIS_MERGE_OVERRIDES={path}: {error.strerror}. {_VALID}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} is no TOML file: {error}. {_VALID}") from None
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise InputError(f"{path}, {place}: {fault['msg']}. {_VALID}") from None
    _check_not_both(path, overrides)
    return overrides


def _check_not_both(path: Path, overrides: MergeOverrides) -> None:
    together = {pair for rule in overrides.together for pair in _pairs(rule)}
    for pair in (pair for rule in overrides.apart for pair in _pairs(rule)):
        if pair in together:
            names = " and ".join(repr(name) for name, _ in sorted(pair))
            raise InputError(f"{path} says of {names} that they are together and that they are apart: remove one rule.")


def _pairs(rule: Rule) -> list[frozenset[tuple[str, str]]]:
    sides = [(normalise(side.name), side.documents) for side in rule.names]
    return [frozenset(pair) for pair in combinations(sides, 2)]


def path_of(document_id: str, paths: Mapping[str, str]) -> str:
    """A document's path; its id where none is known."""
    return paths.get(document_id, document_id)
